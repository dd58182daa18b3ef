import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { probe, probeByDecoding } from './probe.ts'
import { readStructure } from './structure.ts'
import { pictures, sourceOf, tone, video, withInput } from './testing.ts'

const known: [what: string, name: string, args: string[]][] = [
  ['MP4 with AAC', 'a.mp4', [...tone(2), ...pictures(2), '-c:v', 'libx264']],
  ['MP4 with its index in front', 'b.mp4', [...tone(2), ...pictures(2), '-movflags', '+faststart']],
  ['MP4 of 5.1', 'c.mp4', [...tone(2, { sampleRate: 48_000, layout: '5.1' }), ...pictures(2)]],
  ['MP4 without pictures', 'd.mp4', [...tone(2, { layout: 'mono' })]],
  ['MOV with AAC', 'e.mov', [...tone(2, { sampleRate: 32_000 }), ...pictures(2), '-c:a', 'aac']],
  ['AVI with MP3', 'f.avi', [...tone(2), ...pictures(2), '-c:a', 'libmp3lame']],
  [
    'AVI with mono MP3',
    'g.avi',
    [...tone(2, { sampleRate: 22_050, layout: 'mono' }), ...pictures(2), '-c:a', 'libmp3lame'],
  ],
]
const unknown: [what: string, name: string, args: string[]][] = [
  ['MP4 with AAC that could be HE-AAC', 'h.mp4', [...tone(2, { sampleRate: 22_050 }), ...pictures(2)]],
  ['MP4 in fragments', 'i.mp4', [...tone(2), ...pictures(2), '-movflags', 'empty_moov+frag_keyframe']],
  ['MP4 with MP3', 'j.mp4', [...tone(2), ...pictures(2), '-c:a', 'libmp3lame']],
  ['MP4 with AC3', 'k.mp4', [...tone(2), ...pictures(2), '-c:a', 'ac3']],
  ['MP4 without sound', 'l.mp4', ['-f', 'lavfi', '-i', 'testsrc=size=96x64:rate=10:duration=2']],
  ['AVI with PCM', 'm.avi', [...tone(2), ...pictures(2), '-c:a', 'pcm_s16le']],
  ['AVI with unusual pictures', 'n.avi', [...tone(2), ...pictures(2), '-c:v', 'ffv1', '-c:a', 'libmp3lame']],
]

describe('What is in a video', { concurrency: 1 }, () => {
  for (const [what, name, args] of known) {
    it(`is known from the structure of an ${what}, as decoding tells it`, async () => {
      const source = sourceOf(await video(name, args))
      await withInput(source, async (input) => {
        const { durationSeconds = 0, ...told } = await probe(input)
        const { durationSeconds: expected = 0, ...decoded } = await probeByDecoding(input)
        assert.ok(input.media)
        assert.deepEqual(told, decoded)
        assert.ok(Math.abs(durationSeconds - expected) < 0.1, `${durationSeconds} s, not ${expected}`)
      })
    })
  }

  for (const [what, name, args] of unknown) {
    it(`is left to decoding for an ${what}`, async () => {
      const structure = await readStructure(sourceOf(await video(name, args)))
      assert.equal(structure.media, undefined)
    })
  }
})
