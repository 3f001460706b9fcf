import { describe, expect, it } from 'vitest';
import type { OperatorSession } from '../../operators/api.ts';
import { RpcError, type CallerRequest } from '../../rpc/api.ts';
import { createProcessor } from '../rpc.ts';
import { operator } from './fixtures.ts';

const session: OperatorSession = { id: 12, operator: operator(), csrf: 'x' };

function world() {
  const touched: number[] = [];
  const processor = createProcessor({
    operators: { session: (cookie) => Promise.resolve(cookie === 'good' ? session : undefined) },
    availability: {
      touch: (id) => {
        touched.push(id);
        return Promise.resolve();
      },
      leaving: () => Promise.resolve(),
    },
    loginAddress: () => '/mibew/operator/login?back=%2Foperator%2Fusers',
  });
  return { processor, touched };
}
const request = (cookie: string | undefined): CallerRequest => ({
  carrier: 'json',
  address: '192.0.2.1',
  origin: 'http://localhost',
  secure: false,
  header: () => undefined,
  cookie: () => cookie,
  visitor: undefined,
});

describe('the users processor', () => {
  it('knows an operator by his session', async () => {
    expect(await world().processor.identify(request('good'))).toEqual({ session });
  });

  it.each([undefined, 'bad'])('refuses a caller with cookie %s, and says where to log in', async (cookie) => {
    expect(await world().processor.identify(request(cookie))).toMatchObject({
      refusal: { status: 403, code: 1, name: 'ERROR_AGENT_NOT_LOGGED_IN' },
      location: expect.stringContaining('/mibew/operator/login'),
    });
  });

  const subject = (agentId: unknown) =>
    world().processor.subject({ session }, { agentId }, { function: 'away', arguments: { agentId } });

  it.each([3, '3'])('lets the operator act for himself: %o', (agentId) => {
    expect(subject(agentId)).toBeUndefined();
  });

  it.each([4, '4', '03', '3 ', 3.5, null, undefined, true, [3], { id: 3 }, ''])(
    'refuses to act for anybody else: %o',
    (agentId) => {
      expect(() => subject(agentId)).toThrow(RpcError);
      expect(() => subject(agentId)).toThrow(expect.objectContaining({ errorCode: 2 }));
    },
  );

  it('says whose id was expected, in the words of the original', () => {
    expect(() => subject(4)).toThrow("Wrong agent id: '4' instead of 3");
  });

  it('sends calls for two operators to neither', () => {
    const call = (agentId: number) => ({ function: 'ring', arguments: { agentId } });
    const { processor } = world();
    expect(() => processor.checkCalls?.([call(3), call(3)])).not.toThrow();
    expect(() => processor.checkCalls?.([call(3), call(4)])).toThrow(expect.objectContaining({ errorCode: 3 }));
  });

  it('counts a heartbeat of a socket as a sign of life', async () => {
    const { processor, touched } = world();
    await processor.onHeartbeat?.({ session }, new Set());
    expect(touched).toEqual([3]);
  });
});
