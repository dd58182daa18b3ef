import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Evidence } from '../evidence.ts'
import type { Entry } from '../journal.ts'
import { at, id, mailOf, name, wrong } from '../testing.ts'

describe('The checks of mails see', () => {
  it('two about one end', () => {
    assert.deepEqual(
      wrong(({ mails }) => ({ mails: [...mails, ...mails] })),
      [`${name}: 2 mails tell of 1 ends`],
    )
  })
  it('one that is noted as sent, and was not', () => {
    assert.deepEqual(
      wrong(() => ({ mails: [] })),
      [`${name}: 0 mails were sent, and 1 are noted as sent`, 'nothing was found of this: mails'],
    )
  })
  it('one that was left out without need, or of which nothing is noted', () => {
    const left = ({ stored }: Evidence): void => void stored.deliveries.set(`${id}.1.mail`, mailOf('SKIPPED'))
    assert.deepEqual(wrong(left), [`${name}: its mail is SKIPPED`])
    assert.deepEqual(
      wrong(({ stored }) => stored.deliveries.clear()),
      [`${name}: its mail is missing`],
    )
  })
  it('one that was not sent, though nobody was killed who sent it', () => {
    const stuck = (killedAt: number): string[] =>
      wrong(({ stored, journal }) => {
        stored.deliveries.set(`${id}.1.mail`, mailOf('SENDING'))
        const kill: Entry = { at: killedAt, what: 'fault', fault: 'a server is killed', hitsAll: true }
        return { mails: [`Another job is done.`], journal: [...journal, kill] }
      })
    const complaint = `${name}: its mail was not sent, and nobody was killed`
    assert.ok(stuck(at.getTime() + 60_000).includes(complaint))
    assert.ok(!stuck(at.getTime() + 500).includes(complaint))
  })
})
