/** Facts about a request that a proxy may have told: who called, and under which origin. */
import { BlockList, isIP } from 'node:net';
import type { Context } from 'hono';
import type { KernelConfig, RequestFacts } from './plugin.ts';

/** @throws TypeError for what is neither an address nor a CIDR range */
export function proxyList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

const plain = (address: string) => address.trim().replace(/^::ffff:(?=\d+\.)/, '');

/** Makes the reader of facts; headers of callers that are no trusted proxy do not count. */
export function createFacts(config: KernelConfig): (context: Context) => RequestFacts {
  const trusted = proxyList(config.trustedProxies);
  const isTrusted = (address: string) =>
    isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return (context) => {
    const env = context.env as { incoming?: { socket?: { remoteAddress?: string; encrypted?: boolean } } } | undefined;
    const socket = env?.incoming?.socket;
    let address = plain(socket?.remoteAddress ?? '127.0.0.1');
    const header = (name: string) => context.req.header(name)?.split(',') ?? [];
    const proxied = isTrusted(address);
    for (const hop of header('x-forwarded-for').reverse()) {
      if (!isTrusted(address) || isIP(plain(hop)) === 0) break;
      address = plain(hop);
    }
    const scheme = (proxied && header('x-forwarded-proto')[0]?.trim()) || (socket?.encrypted ? 'https' : 'http');
    const host = (proxied && header('x-forwarded-host')[0]?.trim()) || context.req.header('host') || 'localhost';
    const origin = config.publicUrl?.origin ?? `${scheme}://${host}`;
    return { address, origin, secure: origin.startsWith('https:') };
  };
}
