const readWords = (text) => text.trim().split(/\s+/);

/** What a function that answers true or false begins with. */
const PREDICATES = readWords(`
  accepts begins belongs can covers ends has holds is leads lowers matches may mentions offers passes runs says serves should takes was
`);

/** What a conversion, a variant, an order, a handler of an event or a React hook begins with. */
const CONVERSIONS = readWords(`
  as by from on to use with without
`);

const VERBS = readWords(`
  abandon abort accept acknowledge add admit advance aggregate align annotate announce answer append apply approve archive arm arrange ask
  assemble attempt attribute audit authenticate authorize await backfill beat begin bind bound bring build call cancel catch chain challenge
  change check choose classify clean clear close collect commit compare compile complete compute conclude confirm connect consent consume copy count
  create curate cut decide declare decline decode define delete deliver deny derive describe destroy detect dial diff digest disable discard
  discover dispatch dispose drain draw drop dump echo edit elicit enable encode end enqueue enrol ensure enter erase escape evaluate examine
  exchange execute exercise exit expand expect expire explain export extend extract fail feed fetch fill filter find fingerprint
  finish flatten flush fold follow forbid forget format forward freeze gather generate get give grant group guard handle hash hide
  identify ignore import index infer ingest initialise initialize insert inspect install instantiate invalidate invite isolate issue join
  keep kill launch learn lease leave limit link list listen load locate lock log look lookup make map mark match measure mend merge
  migrate mirror move mutate name negotiate normalize note notify open order pack parse pass pause pick pin ping plant poll post
  prepare present preview print probe prove provision prune publish pump push put quarantine query race read recall receive reclaim
  reconcile reconnect record recover redact redeem refetch refresh refuse register reject relay release relist reload remember
  remove rename render renew reopen repeat replace replay reply report request require resend reset resolve restart restore restrict resume
  retire retry return review revoke rewrite roll rotate round route run sample save say scan schedule scrub seal seek select send serve set
  settle shorten show shut sign signal skip sleep sort spawn spend split start stop store strip subscribe succeed suggest sum
  summarize suspend supervise swap sweep sync take tell terminate test throw time toggle touch track transact translate trust try unchain
  undo unpack unseal unsubscribe update upgrade validate verify visit wait wake walk warm watch weigh welcome withdraw wrap write
`);

/**
 * Names that are fixed elsewhere: `proxy` of src/proxy.ts is called by Next.js, `next` is of iterators, what stands in for Date.now and
 * Math.random is called like them, and a render prop is called as React and its tables do.
 */
const FIXED_NAMES = ['proxy', 'next', 'now', 'random', 'children', 'cell'];

/** The words that the name of a function may begin with. Add the one that you need: it should say what none of these says. */
export const FIRST_WORDS = new Set([...PREDICATES, ...CONVERSIONS, ...VERBS, ...FIXED_NAMES]);

/** What members are called because a library looks for them under this name, or offers them. */
export const LIBRARY_NAMES = new Set(
  readWords(`
    comparator condition error errorFormatter headers jwt metrics mutationFn onsessionclosed onsessioninitialized pathFilter placeholderData
    predicate promptsChanged pull rawJSON refetchInterval session sessionIdGenerator setup streamWrite toolsChanged
  `),
);
