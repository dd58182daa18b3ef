import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { renderRow } from './progress.ts'

describe('A progress bar', () => {
  it('shows the upload', () => {
    const row = renderRow('holiday.avi', { step: 'uploading', sentBytes: 3_000_000, size: 12_000_000 }, 100)
    assert.match(row, /^holiday\.avi +█{6}░{18}  25 %  uploading 12 MB$/)
  })

  it('shows the conversion in words', () => {
    const progress = { step: 'converting', status: 'CREATING_MP3', fraction: 0.5, attempt: 1 } as const
    assert.match(renderRow('a.avi', progress, 100), /█{12}░{12}  50 %  making the MP3$/)
    assert.match(renderRow('a.avi', { ...progress, attempt: 2 }, 100), /making the MP3, attempt 2$/)
  })

  it('says that the file waits for others', () => {
    assert.match(
      renderRow('a.avi', { step: 'held', why: 'There are 2.' }, 110),
      /░{24}   0 %  waiting for other jobs$/,
    )
  })

  it('is full when all has come', () => {
    assert.match(
      renderRow('a.avi', { step: 'downloading', receivedBytes: 7, size: 7 }, 100),
      /█{24} 100 %  downloading$/,
    )
  })

  it('fits into the terminal, and keeps the end of a long name', () => {
    const progress = { step: 'uploading', sentBytes: 0, size: 1 } as const
    for (const columns of [20, 40, 80, 200]) {
      assert.ok(renderRow(`${'long/'.repeat(50)}name.avi`, progress, columns).length < columns)
    }
    assert.match(renderRow(`${'long/'.repeat(50)}name.avi`, progress, 100), /^…\S+name\.avi /)
  })

  it('shows no control characters', () => {
    const progress = { step: 'uploading', sentBytes: 0, size: 1 } as const
    assert.doesNotMatch(renderRow('a\u001B[2J\n.avi', progress, 100), /\p{Cc}/u)
  })
})
