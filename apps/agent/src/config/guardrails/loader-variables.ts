// Variables that make a program, or what it starts, run other code than the one that was hashed: by the manuals of the loaders, interpreters
// and tools named here. Whole families are meant where only few of their members do no harm; those are listed.

const REFUSED = [
  // ld.so(8), dyld(1), iconv and the locales of glibc
  'LD_\\w*|DYLD_\\w*|GLIBC_TUNABLES|GCONV_PATH|GETCONF_DIR|LOCPATH|NLSPATH',
  // bash(1), dash(1), ksh(1), zsh(1)
  'BASH_\\w*|BASHOPTS|SHELLOPTS|ENV|PS4|PROMPT_COMMAND|IFS|CDPATH|FPATH|ZDOTDIR',
  // what tools start by name: git(1), ssh(1), less(1), man(1), sudo(8)
  'GIT_\\w*|SSH_ASKPASS|SUDO_ASKPASS|EDITOR|VISUAL|PAGER|MANPAGER|LESSOPEN|LESSCLOSE|BROWSER|SHELL',
  // Node, npm, ts-node, Bun, Deno, Electron
  'NODE_(?:OPTIONS|PATH|REPL_EXTERNAL_MODULE|V8_COVERAGE|REDIRECT_WARNINGS)|NPM_\\w*|TS_NODE_\\w*|BUN_\\w*|DENO_\\w*|ELECTRON_\\w*',
  // Python, pip, uv, conda
  'PYTHON\\w*|__PYVENV_LAUNCHER__|PIP_\\w*|UV_\\w*|CONDA_\\w*',
  'PERL\\w*|RUBY\\w*|GEM_\\w*|BUNDLE_\\w*|BUNDLER_\\w*|PHPRC|PHP_\\w*|LUA_\\w*|R_\\w*|JULIA_\\w*|TCL\\w*|GUILE_\\w*',
  // the JVM and .NET, with their profilers
  '_?JAVA_\\w*|JDK_\\w*|CLASSPATH|MAVEN_\\w*|GRADLE_\\w*|DOTNET_\\w*|CORECLR_\\w*|COR_\\w*|COMPLUS_\\w*',
  'ERL_\\w*|ELIXIR_\\w*|GHCRTS|OCAMLRUNPARAM|CAML_LD_LIBRARY_PATH|GO(?:FLAGS|ROOT|PATH|PROXY|TOOLCHAIN|ENV)|CARGO_\\w*|RUSTC\\w*',
  // libraries that load modules: OpenSSL, GIO, GTK, Qt, GStreamer, PKCS #11
  'OPENSSL_\\w*|GIO_\\w*|GTK_\\w*|QT_\\w*|GST_\\w*|P11_KIT_\\w*',
  // the agent's own
  'GATEHOUSE_\\w*',
];
const HARMLESS = [
  'PYTHON(?:UNBUFFERED|IOENCODING|UTF8|DONTWRITEBYTECODE|HASHSEED|FAULTHANDLER)|BUN_ENV|DENO_ENV|DOTNET_ENVIRONMENT',
  'GIT_(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL|DATE)|GIT_TERMINAL_PROMPT',
];

const Refused = new RegExp(`^(?:${REFUSED.join('|')})$`, 'i');
const Harmless = new RegExp(`^(?:${HARMLESS.join('|')})$`, 'i');

/** True for a variable that may decide which code a program runs. Some systems do not tell upper from lower case, so neither does this. */
export function isLoaderVariable(name: string): boolean {
  return Refused.test(name) && !Harmless.test(name);
}
