/** Facts about a request that a proxy may have told: who called, and under which origin. */
import { BlockList, isIP, type Socket } from 'node:net';
import type { Context } from 'hono';
import type { KernelConfig, RequestFacts } from './plugin.ts';

const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
const bitsOf = (address: string) => (isIP(address) === 6 ? 128 : 32);

/** Whether a text is an address or a CIDR range. */
export function isRange(range: string): boolean {
  const [address = '', bits = '0', more] = range.split('/');
  return isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= bitsOf(address) && more === undefined;
}

const plain = (address: string) => address.trim().replace(/^::ffff:(?=\d+\.)/, '');

/** Makes the reader of facts; headers of callers that are no trusted proxy do not count. */
export function createFacts(config: KernelConfig): (context: Context) => RequestFacts {
  const proxies = config.trustedProxies.length > 0 ? new BlockList() : undefined;
  for (const [address = '', bits] of config.trustedProxies.map((range) => range.split('/')))
    proxies?.addSubnet(address, Number(bits ?? bitsOf(address)), family(address));
  const trusted = (address: string) => isIP(address) !== 0 && proxies?.check(address, family(address)) === true;
  return (context) => {
    const { incoming } = (context.env ?? {}) as { incoming?: { socket?: Socket; headers?: Record<string, string> } };
    // Node has the headers ready; asking Hono for them would build a second set.
    const header = (name: string) => (incoming?.headers ? incoming.headers[name] : context.req.header(name));
    let address = plain(incoming?.socket?.remoteAddress ?? '127.0.0.1');
    const told = trusted(address) ? (name: string) => header(name)?.split(',') ?? [] : () => [];
    for (const hop of told('x-forwarded-for').toReversed()) {
      if (!trusted(address) || isIP(plain(hop)) === 0) break;
      address = plain(hop);
    }
    const host = told('x-forwarded-host')[0]?.trim() || header('host') || 'localhost';
    const origin = config.publicUrl?.origin ?? `${told('x-forwarded-proto')[0]?.trim() || 'http'}://${host}`;
    return { address, origin, secure: origin.startsWith('https:') };
  };
}
