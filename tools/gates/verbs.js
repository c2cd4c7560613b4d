const readWords = (text) => text.trim().split(/\s+/);

/** What a function that answers true or false begins with. */
const PREDICATES = readWords(`
  accepts begins belongs can covers ends has holds is leads matches may mentions offers passes runs serves should takes was
`);

/** What a conversion, a variant, an order, a handler of an event or a React hook begins with. */
const CONVERSIONS = readWords(`
  by from on to use with without
`);

const VERBS = readWords(`
  abandon abort accept acknowledge add admit advance aggregate align annotate announce answer append apply arm arrange ask assemble
  attempt attribute authenticate authorize await begin bind bound bring build call cancel catch chain challenge change check choose classify clean
  clear close collect commit compare compile complete compute conclude connect copy count create curate cut decide declare decline decode
  define deliver deny derive describe detect dial diff digest disable discard discover dispatch dispose drain draw drop dump echo elicit
  enable encode end enqueue enrol ensure escape evaluate examine exchange execute exercise exit expand expect expire explain extend
  extract fail feed fetch fill filter find fingerprint finish flatten flush fold follow forbid forget format forward freeze gather generate get
  give grant group guard handle hash identify ignore import index infer ingest initialise initialize insert inspect install
  invalidate isolate join keep kill launch learn lease leave limit link list listen load locate lock log look lookup make map mark match
  measure mend merge migrate mirror move mutate name negotiate normalize note notify open pack parse pass pause pick pin post prepare
  present preview print probe prove provision prune publish pump push put quarantine query race read recall receive reclaim reconcile
  reconnect record recover redact redeem refresh refuse register reject relay relist remember remove rename render renew reopen repeat
  replace replay reply report request require reset resolve restart restore restrict resume retire retry return review revoke roll round
  route run sample save scan schedule scrub seal seek select send serve set settle shorten show shut sign signal skip sleep sort
  spawn spend split start stop store strip subscribe succeed suggest sum summarize supervise swap sweep sync take tell terminate throw
  time touch track transact translate trust try unchain unpack unseal unsubscribe update upgrade validate verify visit wait wake walk warm
  watch welcome withdraw write
`);

/** Names that a framework looks for: Next.js calls `proxy` of src/proxy.ts. */
const FIXED_NAMES = ['proxy'];

/** The words that the name of a function may begin with. Add the one that you need: it should say what none of these says. */
export const FIRST_WORDS = new Set([...PREDICATES, ...CONVERSIONS, ...VERBS, ...FIXED_NAMES]);
