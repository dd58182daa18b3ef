import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  adoptedJobId,
  isJobId,
  jobOfSource,
  keyedJobId,
  mp3Name,
  mp4Name,
  newJobId,
  partsPrefix,
  renamed,
  savedAs,
  sourceName,
} from './names.ts'

const object = {
  bucket: 'source',
  name: 'holiday.avi',
  generation: '1767225600000000',
  timeCreated: new Date('2026-01-01T00:00:00.123Z'),
}
const timeOf = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)

describe("A new job's id", () => {
  it('is a UUIDv7: the time now, and never twice the same', () => {
    const earliest = Date.now()
    const ids = Array.from({ length: 1000 }, newJobId)
    for (const id of ids) assert.ok(isJobId(id), id)
    assert.ok(timeOf(ids[0] ?? '') >= earliest)
    assert.equal(new Set(ids).size, ids.length)
  })

  it('sorts after those made before it', () => {
    const ids = Array.from({ length: 1000 }, newJobId)
    assert.deepEqual(ids, ids.toSorted())
  })
})

describe('The id of a job for an object that came by itself', () => {
  it('is the same for every delivery of its event', () => {
    assert.equal(adoptedJobId(object), adoptedJobId({ ...object, timeCreated: new Date(object.timeCreated) }))
  })

  it('never changes from one version of this program to the next', () => {
    assert.equal(adoptedJobId(object), '019b76da-a87b-7228-84c8-cab99a4ca22e')
  })

  it('is a UUIDv7 whose time is that of the creation', () => {
    fc.assert(
      fc.property(fc.string(), fc.date({ min: new Date(0), noInvalidDate: true }), (name, timeCreated) => {
        fc.pre(timeCreated.getTime() < 2 ** 48)
        const id = adoptedJobId({ ...object, name, timeCreated })
        assert.ok(isJobId(id), id)
        assert.equal(timeOf(id), timeCreated.getTime())
      }),
    )
  })

  it('sorts by that time', () => {
    const before = adoptedJobId({ ...object, timeCreated: new Date(object.timeCreated.getTime() - 1) })
    assert.ok(before < adoptedJobId(object))
  })

  for (const other of [{ bucket: 'sourcf' }, { name: 'holiday.av' }, { generation: '1767225600000001' }]) {
    it(`is another for another ${Object.keys(other).join()}`, () => {
      assert.notEqual(adoptedJobId({ ...object, ...other }), adoptedJobId(object))
    })
  }
})

describe('The id of a job that is asked for by a key', () => {
  const id = keyedJobId('somebody', 'a key')

  it('is a job id, and the same each time, from one version of this program to the next', () => {
    assert.ok(isJobId(id), id)
    assert.equal(id, 'cb0a164e-0b51-5808-87bd-b41e123e66b9')
  })

  it('is another for another key, and for another owner', () => {
    assert.notEqual(keyedJobId('somebody', 'another key'), id)
    assert.notEqual(keyedJobId('somebody else', 'a key'), id)
  })
})

describe('A job id', () => {
  for (const text of [
    '',
    'x',
    '019b76da-a87b-4000-8000-000000000000',
    '019b76da-a87b-7000-8000-00000000000',
    '../019b76da-a87b-7000-8000-000000000000',
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => assert.equal(isJobId(text), false))
  }
})

describe('The names of objects', () => {
  const id = newJobId()

  it('tell the upload of which job an object of the source bucket is', () => {
    assert.equal(jobOfSource(sourceName(id)), id)
  })

  for (const name of [
    id,
    `uploads/${id}.avi`,
    `uploads/${id}/`,
    `other/uploads/${id}`,
    'uploads/holiday.avi',
    'uploads/',
  ]) {
    it(`${name.replace(id, 'ID')} is of no job's upload`, () => assert.equal(jobOfSource(name), undefined))
  }

  it("are each job's own", () => {
    assert.equal(mp3Name(id), `${id}.mp3`)
    assert.equal(mp4Name(id), `${id}.mp4`)
  })

  it("of an attempt's parts are among the job's, and not another attempt's", () => {
    assert.ok(partsPrefix(id, 1).startsWith(partsPrefix(id)))
    assert.ok(!partsPrefix(id, 10).startsWith(partsPrefix(id, 1)))
  })
})

describe('A file under another extension', () => {
  for (const [name, expected] of [
    ['holiday.avi', 'holiday.mp3'],
    ['holiday.2026.avi', 'holiday.2026.mp3'],
    ['holiday', 'holiday.mp3'],
    ['.hidden', '.hidden.mp3'],
    ['holiday.', 'holiday.mp3'],
    ['ferie 🎬.mkv', 'ferie 🎬.mp3'],
  ] as const) {
    it(`${name} is ${expected}`, () => assert.equal(renamed(name, '.mp3'), expected))
  }
})

describe('The name of a saved file', () => {
  it('is the same with another extension', () => assert.equal(savedAs('holiday.avi', '.mp3'), 'holiday.mp3'))

  it('is not so long that its URL would be too long, and keeps its extension', () => {
    assert.equal(savedAs(`${'a'.repeat(1000)}.avi`, '.mp3'), `${'a'.repeat(508)}.mp3`)
    assert.equal(savedAs(`${'a'.repeat(508)}.avi`, '.mp3'), `${'a'.repeat(508)}.mp3`)
  })

  it('is cut within no character', () => {
    assert.equal(savedAs('가'.repeat(1000), '.mp3'), `${'가'.repeat(169)}.mp3`)
    assert.equal(savedAs('🎬'.repeat(500), '.mp4'), `${'🎬'.repeat(127)}.mp4`)
  })
})
