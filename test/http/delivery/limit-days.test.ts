import { describe, expect, it } from 'vitest';
import { addApp, call, openFurnishedVault } from '../../support/furnish.ts';
import type { TestVault } from '../../support/start-vault.ts';

const HOUR = 3_600_000;

/** Delivers until refused; resolves to the ordinals and to what the refusal says of the wait, in seconds. */
async function spendDay(
  vault: TestVault,
  token: string,
): Promise<{ ordinals: number[]; wait: number; window: number }> {
  const ordinals: number[] = [];
  for (;;) {
    const { status, headers, body } = await vault.next('service=openai', { token });
    if (status !== 200) {
      expect(status).toBe(429);
      const window = /w=(\d+)$/.exec(headers.get('ratelimit-policy') ?? '')?.[1];
      return { ordinals, wait: Number(headers.get('retry-after')), window: Number(window) };
    }
    ordinals.push(body.meta.usage_today);
  }
}

describe('the limit day of a service', () => {
  it.each([
    ['2026-03-28T12:00:00Z', 'has 23 hours when the clock goes forward', 14, 23, 24],
    ['2026-10-24T12:00:00Z', 'has 25 hours when the clock goes back', 15, 25, 24],
  ])('ends at the wall time of its zone: from %s it %s', async (at, _what, toReset, long, next) => {
    const { vault, token } = await openFurnishedVault({
      at,
      service: { max_daily_requests: 2, timezone: 'Europe/Berlin', day_resets_at: '04:00' },
    });
    // Reset at 04:00 in Berlin, the clock having changed at 03:00 or not yet.
    const first = await spendDay(vault, token);
    expect(first.ordinals).toEqual([1, 2]);
    const firstWait = first.wait / 3600;
    vault.advance(first.wait * 1000 - 1);
    expect((await spendDay(vault, token)).ordinals).toEqual([]);
    vault.advance(1);
    const second = await spendDay(vault, token);
    expect(second.ordinals).toEqual([1, 2]);
    expect([firstWait, first.window / 3600, second.window / 3600]).toEqual([toReset, long, next]);
  });

  it('is spent once, whatever the wall clock says afterwards', async () => {
    const { vault, token } = await openFurnishedVault({
      at: '2026-03-01T12:00:00Z',
      service: { max_daily_requests: 2 },
    });
    await spendDay(vault, token);
    for (const step of [-HOUR, -24 * HOUR, -30 * 24 * HOUR]) {
      vault.stepWall(step);
      expect((await spendDay(vault, token)).ordinals).toEqual([]);
      vault.advance(2 * HOUR);
      expect((await spendDay(vault, token)).ordinals).toEqual([]);
    }
  });

  it('is not begun by a wall clock that leaps ahead, until that has lasted an hour', async () => {
    const { vault, token } = await openFurnishedVault({
      at: '2026-03-01T12:00:00Z',
      service: { max_daily_requests: 1 },
    });
    await spendDay(vault, token);
    vault.stepWall(24 * HOUR);
    expect((await spendDay(vault, token)).ordinals).toEqual([]);
    vault.advance(HOUR - 1_000);
    expect((await spendDay(vault, token)).ordinals).toEqual([]);
    vault.advance(1_000);
    expect((await spendDay(vault, token)).ordinals).toEqual([1]);
  });

  it('counts the keys by the same day', async () => {
    const { vault, token } = await openFurnishedVault({
      at: '2026-03-01T12:00:00Z',
      service: { policy: 'usage', timezone: 'Asia/Tokyo', day_resets_at: '00:30' },
      keys: [{ max_daily_requests: 1 }, { max_daily_requests: 2 }],
    });
    // 12:00 UTC is 21:00 in Tokyo: three and a half hours to go.
    expect(await spendDay(vault, token)).toMatchObject({ ordinals: [1, 2, 3], wait: 3.5 * 3600 });
    vault.advance(3.5 * HOUR - 1);
    expect((await spendDay(vault, token)).ordinals).toEqual([]);
    vault.advance(1);
    expect(await spendDay(vault, token)).toMatchObject({ ordinals: [1, 2, 3], wait: 24 * 3600 });
  });

  it('changes its zone and reset time at the next reset, so that no change reopens it', async () => {
    const { vault, token } = await openFurnishedVault({
      at: '2026-03-01T12:00:00Z',
      service: { max_daily_requests: 1 },
    });
    await spendDay(vault, token);
    for (const change of [
      { timezone: 'Asia/Tokyo' },
      { day_resets_at: '12:30' },
      { timezone: 'America/New_York', day_resets_at: '06:00' },
    ]) {
      await call(vault, 'PATCH', '/tenants/acme/services/openai', change);
      expect((await spendDay(vault, token)).ordinals).toEqual([]);
    }
    vault.advance(12 * HOUR);
    // The day of New York that began at 06:00 (11:00 UTC) is cut short by what was spent of it.
    expect(await spendDay(vault, token)).toMatchObject({ ordinals: [1], wait: 11 * 3600 });
  });
});

describe('the limit day of an app', () => {
  it("is UTC's, over all the services that it uses", async () => {
    const { vault } = await openFurnishedVault({
      at: '2026-03-28T23:00:00Z',
      service: { timezone: 'Europe/Berlin', day_resets_at: '04:00' },
    });
    await call(vault, 'POST', '/tenants/acme/services', { slug: 'other' });
    await call(vault, 'POST', '/tenants/acme/services/other/keys', {
      label: 'A',
      key: 'sk-other-other-other',
    });
    const { token } = await addApp(vault, 'acme', { max_daily_requests: 3 });
    expect((await vault.next('service=other', { token })).body.meta.usage_today).toBe(1);
    expect(await spendDay(vault, token)).toMatchObject({ ordinals: [1, 2], wait: 3600, window: 86_400 });
    vault.advance(HOUR);
    expect((await spendDay(vault, token)).ordinals).toEqual([3, 4, 5]);
  });
});
