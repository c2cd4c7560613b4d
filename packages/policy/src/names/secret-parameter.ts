const SECRET_NAME = /key|token|secret|passw|auth|credential|signature|^sig$/i;

/** The name of a URL parameter that seems to hold a secret; undefined when none does. */
export function findSecretParameter(url: URL): string | undefined {
  return [...url.searchParams.keys()].find((name) => SECRET_NAME.test(name));
}
