import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { counted } from './counted.ts'

const anySize = (): void => undefined

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

describe('The bytes of an uploaded file', () => {
  it('pass as they are', async () => {
    const bytes = counted(chunks('some ', 'bytes'), anySize, { everySeconds: 60, onStillComing: assert.fail })
    assert.equal(Buffer.concat(await Array.fromAsync(bytes)).toString(), 'some bytes')
  })

  it('end with the one that is too many', async () => {
    const passed: string[] = []
    const checkSize = (size: number): void => {
      if (size > 6) throw new Error('too many')
    }
    await assert.rejects(async () => {
      for await (const chunk of counted(chunks('123', '456', '7', '8'), checkSize, {
        everySeconds: 60,
        onStillComing: assert.fail,
      }))
        passed.push(Buffer.from(chunk).toString())
    }, /too many/)
    assert.deepEqual(passed, ['123', '456'])
  })

  it('have to be some', async () => {
    const nothing = counted(chunks(), anySize, { everySeconds: 60, onStillComing: assert.fail })
    await assert.rejects(Array.fromAsync(nothing), { code: 'EMPTY_FILE' })
  })

  it('let it be known that they are still coming, and end where nobody wants them any more', async () => {
    let told = 0
    const onStillComing = async (): Promise<void> => {
      told++
      if (told === 3) throw new Error('the job was deleted')
    }
    const bytes = counted(chunks('1', '2', '3', '4'), anySize, { everySeconds: 0, onStillComing })
    const passed: Uint8Array[] = []
    await assert.rejects(async () => {
      for await (const chunk of bytes) passed.push(chunk)
    }, /the job was deleted/)
    assert.equal(Buffer.concat(passed).toString(), '12')
  })
})
