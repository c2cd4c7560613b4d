import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

// Loaded before the agent: names below partner.test, which the site allows, answer with addresses inside the perimeter, another one at each
// question. No address of the outside is ever the only one, so that no test dials out.
const INSIDE = ['127.0.0.1', '::1', '10.0.0.1', '169.254.169.254', '::ffff:127.0.0.1', '0.0.0.0'];
const OUTSIDE = '93.184.216.34';
const lookup = dns.lookup;
let asked = 0;

dns.lookup = (hostname, options, callback) => {
  if (!hostname.toLowerCase().replace(/\.$/, '').endsWith('.partner.test')) return lookup(hostname, options, callback);
  const inside = INSIDE[(asked += 1) % INSIDE.length];
  const addresses = (asked % 2 === 0 ? [inside] : [OUTSIDE, inside]).map((address) => ({
    address,
    family: address.includes(':') ? 6 : 4,
  }));
  process.nextTick(callback, null, addresses);
};
syncBuiltinESMExports();
