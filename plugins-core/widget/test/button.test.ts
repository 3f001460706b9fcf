import { describe, expect, it } from 'vitest';
import { createTestKernel } from '../../../kernel/testing.ts';
import { availability, operators } from '../../operators/api.ts';

const signature = [0x89, 0x50, 0x4e, 0x47];
const bytesOf = async (response: Response) => [...new Uint8Array(await response.arrayBuffer())];

describe('/b', () => {
  it('shows whether an operator is there', async () => {
    await using t = await createTestKernel({ plugins: ['widget'] });
    const off = await bytesOf(await t.request('/b'));
    const { id } = await t.kernel
      .service(operators)
      .create({ login: 'ann', name: 'Ann', email: 'ann@example.com', password: 'correct horse battery' });
    await t.kernel.service(availability).touch(id);
    const on = await bytesOf(await t.request('/b?i=mibew&lang=en'));
    expect(off.slice(0, 4)).toEqual(signature);
    expect(on.slice(0, 4)).toEqual(signature);
    expect(on).not.toEqual(off);
  });

  it('is never kept', async () => {
    await using t = await createTestKernel({ plugins: ['widget'] });
    const { headers } = await t.request('/b');
    expect(headers.get('content-type')).toBe('image/png');
    expect(headers.get('cache-control')).toBe('no-store, no-cache, must-revalidate');
    expect(headers.get('pragma')).toBe('no-cache');
    expect(Date.parse(headers.get('expires') ?? '')).toBeLessThan(Date.now());
  });

  it('is not found under a name that no image has, whatever the name tries', async () => {
    await using t = await createTestKernel({ plugins: ['widget'] });
    for (const name of ['nope', '../en/mibew', 'mibew_on', '%00', ''])
      expect((await t.request(`/b?i=${encodeURIComponent(name)}`)).status, name).toBe(404);
  });

  it('takes the current language where the one asked for is unknown', async () => {
    await using t = await createTestKernel({ plugins: ['widget'] });
    for (const lang of ['xx', 'e', 'toolong', '../..']) {
      expect((await t.request(`/b?lang=${encodeURIComponent(lang)}`)).status, lang).toBe(200);
    }
  });
});
