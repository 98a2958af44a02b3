import { expect, test } from 'vitest'

import { blocks } from './markdown'

test('a page is read into its title, texts, lists and code', () => {
  const page = '# `http_410`\n\nGone.\nNot coming back, see [`dns`](dns.md).\n\n## How to fix\n\n- Make a new one,\n  with `carehook`.\n- Wait.\n\n```sh\ncarehook explain\n```\n'
  expect(blocks(page)).toEqual([
    { kind: 'title', runs: [{ text: 'http_410', code: true }] },
    { kind: 'text', runs: [run('Gone.'), run(' '), run('Not coming back, see '), { text: 'dns', code: true }, run('.')] },
    { kind: 'heading', runs: [run('How to fix')] },
    { kind: 'list', items: [[run('Make a new one,'), run(' '), run('with '), { text: 'carehook', code: true }, run('.')], [run('Wait.')]] },
    { kind: 'code', text: 'carehook explain' },
  ])
})

test('markup in a page stays text', () => {
  expect(blocks('<img src=x onerror=alert(1)>')).toEqual([{ kind: 'text', runs: [run('<img src=x onerror=alert(1)>')] }])
})

const run = (text: string) => ({ text, code: false })
