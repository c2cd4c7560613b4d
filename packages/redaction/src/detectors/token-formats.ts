/** Documented starts of credentials; at least twelve characters of a token follow. */
export const PREFIXES = `
  ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- glsoat- glcbt- glptt- glft- glimt- glagent- gloas- glffct- GR1348941
  ATATT3 ATCTT3 ATBB npm_ pypi-AgE rubygems_ dckr_pat_ dckr_oat_ xoxb- xoxp- xoxa- xoxr- xoxs- xoxe- xoxe. xoxo- xoxc- xoxd-
  xapp- sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_ pk_live_ pk_test_ whsec_ sk- gsk_ xai- pplx- hf_ api_org_ AIza
  ya29. GOCSPX- SG. xkeysib- xsmtpsib- sq0atp- sq0csp- sq0idp- EAAA EAAC EAAM shpat_ shpca_ shppa_ shpss_ dop_v1_ doo_v1_
  dor_v1_ dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dapi dt0c01. dt0s01. dt0s16. glc_ glsa_ HRKU- hvs. hvb. hvr. lin_api_
  lin_oauth_ nfp_ nfc_ NRAK- NRJS- NRII- NRIQ- NRRA- ntn_ secret_ sha256~ pscale_ PMAK- PMAT- pnu_ pul- rdme_ sntrys_ sntryu_
  sbp_ sb_secret_ tfp_ shippo_live_ shippo_test_ figd_ figo_ fio-u- EZAK EZTK duffel_test_ duffel_live_ FLWSECK FLWPUBK
  AGE-SECRET-KEY- aio_ LTAI AKCp CLOJARS_ CFPAT- access-sandbox- access-production- access-development- API- squ_ sqp_ sqa_
  sgp_ tskey- ops_eyJ lsv2_ pat-na1- pat-eu1- phc_ phx_ rnd_ fo1_ FlyV1 vck_ ico- s-s4t2 v1.0- key- gAAAAA mcp_ agt_enroll_
  ABSK bedrock-api-key- eyJrIjoi live_ test_
`
  .trim()
  .split(/\s+/);

/** Of these a name could start too: what follows must hold a digit. */
export const WEAK_PREFIXES = new Set(
  `
  sk- hf_ aio_ phc_ phx_ rnd_ vck_ ico- key- mcp_ live_ test_ secret_ API- dapi EAAA EAAC EAAM EZAK EZTK LTAI ATBB ABSK AIza
  v1.0- gsk_ xai- pul- pnu_ glc_
`
    .trim()
    .split(/\s+/),
);

/** Forms with a fixed shape, tried where a token starts. */
export const FORM = new RegExp(
  [
    /(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA|A3T[A-Z0-9])[A-Z0-9]{16}(?![A-Za-z0-9])/,
    /(?:AC|SK)[0-9a-fx]{32}(?![A-Za-z0-9])/,
    /(?:AKC|AP[0-9A-F])[A-Za-z0-9]{10,}/,
    /A3-[A-Z0-9]{6}(?:-[A-Z0-9]{5,11}){3,5}/,
    /eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/,
    /[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{25,}/,
    /\d{8,10}:A[A-Za-z0-9_-]{34}/,
    /\d{13,18}\|[A-Za-z0-9_-]{20,}/,
    /[0-9a-f]{32}-us\d{1,2}(?!\w)/,
  ]
    .map((form) => form.source)
    .join('|'),
  'y',
);
