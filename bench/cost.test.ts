import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { costReport } from './cost-report.ts'
import { atLength, combine, costOf, requestUsage, total } from './cost-usage.ts'

describe('What is used', () => {
  it('is added up by quantity', () => {
    const readings = [
      { usage: { reads: 1 } },
      { function: 'upload' as const, usage: { reads: 2, writes: 3 } },
    ]
    assert.deepEqual(total(readings), { reads: 3, writes: 3 })
    assert.deepEqual(combine([2, { reads: 3 }], [-1, { reads: 1, requests: 1 }]), { reads: 5, requests: -1 })
  })

  it('for a longer video goes on along the line through two shorter ones', () => {
    const short = { minutes: 1, usage: { requests: 3, writes: 6 } }
    const long = { minutes: 10, usage: { requests: 3, writes: 15, sourceBytes: 90 } }
    assert.deepEqual(atLength(60, short, long), { requests: 3, writes: 65, sourceBytes: 590 })
  })

  it('by a request is all of its instance, for tenths of a second', () => {
    assert.deepEqual(requestUsage('transcode', 1.01), { requests: 1, vcpuSeconds: 2.2, gibSeconds: 2.2 })
    assert.deepEqual(requestUsage('status', 0.001), { requests: 1, vcpuSeconds: 0.1, gibSeconds: 0.05 })
  })

  it('costs its price, and nothing if it has none', () => {
    assert.equal(costOf({ reads: 200_000, classA: 1000, workSeconds: 60 }).toFixed(4), '0.0650')
  })
})

describe('The report', () => {
  const usage = { vcpuSeconds: 100, writes: 60, messageBytes: 2000, sourceBytes: 2 ** 30, mp3Bytes: 2 ** 28 }
  const report = costReport([{ name: 'MP4', usage, download: { requests: 1 } }], { requests: 1, reads: 1 })
  const cell = (label: string): string | undefined =>
    report
      .split('\n')
      .find((line) => line.startsWith(`| ${label} |`))
      ?.split(' | ')[1]
      ?.replace(' |', '')

  it('has a column for each kind of video', () => {
    assert.match(report, /^\| US\$ for 1000 videos of an hour \| MP4 \|\n\| --- \| ---: \|\n/)
  })

  it('tells the cost of a thousand, part by part', () => {
    assert.equal(cell('Function time, vCPU'), '2.40')
    assert.equal(cell('Firestore'), '0.05')
    assert.equal(cell('Pub/Sub'), '< 0.01')
    assert.equal(cell('Eventarc'), '0.00')
    // 1,000 GiB at 0.02 a month, for 168 of 730 hours.
    assert.equal(cell('Storage, uploaded video for 7 days'), '4.60')
    assert.equal(cell('**Together**'), '7.06')
    assert.equal(cell('Storage, MP3 for a month'), '5.00')
    assert.equal(cell('Every MP3 downloaded once'), '30.00')
  })

  it('tells what was measured for one', () => {
    assert.equal(cell('Firestore, writes'), '60')
    assert.equal(cell('Uploaded, GB'), '1.07')
  })

  it('tells what is to be paid while nobody uploads', () => {
    assert.equal(cell('Scheduler, one job'), '0.10')
    assert.equal(cell('8760 sweeps that find nothing to do'), '0.01')
  })
})
