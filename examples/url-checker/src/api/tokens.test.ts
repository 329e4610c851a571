import { SignJWT, UnsecuredJWT } from 'jose'
import { expect, it } from 'vitest'
import { Tokens } from './tokens.ts'

const KEY = 'a key for tests with more than 32 characters'
const tokens = new Tokens(KEY)
const bytes = new TextEncoder().encode(KEY)

it('a token names its holder', async () => {
  expect(await tokens.holderOf(await tokens.sign('ann', 1))).toBe('ann')
})

it.each<[string, () => Promise<string> | string]>([
  ['nonsense', () => 'nonsense'],
  ['nothing', () => ''],
  ['what another key has signed', () => new Tokens(`${KEY}.`).sign('ann', 1)],
  ['a token that is over', () => tokens.sign('ann', -1)],
  ['a token that was changed', async () => (await tokens.sign('ann', 1)).replace(/\.[^.]+\./, '.eyJzdWIiOiJib2IifQ.')],
  [
    'a token without a signature',
    () => new UnsecuredJWT({ sub: 'ann', aud: 'url-checker', exp: 9_999_999_999 }).encode(),
  ],
  [
    'a token for something else',
    () => new SignJWT({ sub: 'ann', aud: 'shop', exp: 9_999_999_999 }).setProtectedHeader({ alg: 'HS256' }).sign(bytes),
  ],
  [
    'a token without an end',
    () => new SignJWT({ sub: 'ann', aud: 'url-checker' }).setProtectedHeader({ alg: 'HS256' }).sign(bytes),
  ],
])('%s names nobody', async (_, make) => {
  expect(await tokens.holderOf(await make())).toBeUndefined()
})
