import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MediaError } from './media-error.ts'
import { sniff } from './sniff.ts'

const bytes = (text: string): Buffer => Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(600, 0x80)])

describe('sniffing', () => {
  for (const [container, beginning] of [
    ['mp4', '\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41'],
    ['mp4', '\0\0\0\x1cftypM4V \0\0\0\x01'],
    ['mov', '\0\0\0\x14ftypqt  \0\0\x02\0qt  '],
    ['mov', '\0\0\0\x08wide\0\0\x10\0mdat'],
    ['mov', '\0\0\x10\0moov\0\0\0\x6cmvhd'],
    ['avi', 'RIFF\0\x10\0\0AVI LIST'],
    ['mkv', '\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82\x88matroska'],
    ['webm', '\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm'],
  ] as const)
    it(`sees ${container} in ${JSON.stringify(beginning.slice(0, 12))}`, () =>
      assert.equal(sniff(bytes(beginning)), container))

  for (const [what, beginning] of [
    ['empty', Buffer.alloc(0)],
    ['text', Buffer.from('#EXTM3U\n#EXTINF:1,\n/etc/passwd\n')],
    ['text', Buffer.from('naïve 😀'.repeat(100))],
    ['PNG', bytes('\x89PNG\r\n\x1a\n')],
    ['JPEG', bytes('\xff\xd8\xff\xe0\0\x10JFIF')],
    ['HEIC', bytes('\0\0\0\x18ftypheic')],
    ['ZIP', bytes('PK\x03\x04')],
    ['PDF', bytes('%PDF-1.7')],
    ['MP3', bytes('ID3\x04\0')],
    ['MP3', bytes('\xff\xfb\x90\x44')],
    ['WAV', bytes('RIFF\0\x10\0\0WAVEfmt ')],
    ['Ogg', bytes('OggS\0')],
    ['Flash', bytes('FLV\x01\x05')],
    ['transport stream', Buffer.from(Uint8Array.from({ length: 600 }, (_, at) => (at % 188 ? 0x80 : 0x47)))],
    ['none of the known', Buffer.alloc(100)],
  ] as const)
    it(`refuses what looks like ${what}, and says so`, () =>
      assert.throws(
        () => sniff(beginning),
        (error) =>
          error instanceof MediaError &&
          error.code === 'NOT_MEDIA' &&
          error.message.includes(what) &&
          error.message.endsWith('MP4, MOV, AVI, MKV and WebM are accepted.'),
      ))
})
