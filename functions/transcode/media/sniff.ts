import { MediaError } from './media-error.ts'

export type Container = 'mp4' | 'mov' | 'avi' | 'mkv' | 'webm'

/** How many bytes of the beginning `sniff` wants to see; a shorter file is fine. */
export const sniffBytes = 64 * 1024

/** The container that a file is, judged by its first bytes alone. Throws NOT_MEDIA, and says what the file looks like. */
export function sniff(head: Buffer): Container {
  const container = mp4OrMov(head) ?? avi(head) ?? matroska(head)
  if (container) return container
  const found = looksLike(head)
  throw new MediaError(
    'NOT_MEDIA',
    `The file is not a video that can be read: ${found}. MP4, MOV, AVI, MKV and WebM are accepted.`,
  )
}

const ascii = (head: Buffer, start: number, end: number): string => head.toString('latin1', start, end)

const imageBrands = new Set(['heic', 'heix', 'hevc', 'heim', 'heis', 'mif1', 'msf1', 'avif', 'avis'])

function mp4OrMov(head: Buffer): Container | undefined {
  const type = ascii(head, 4, 8)
  if (type === 'ftyp') {
    const brand = ascii(head, 8, 12)
    if (imageBrands.has(brand)) return undefined
    return brand === 'qt  ' ? 'mov' : 'mp4'
  }
  // QuickTime files from before the ftyp box begin with any of these.
  return ['moov', 'mdat', 'wide', 'free', 'skip', 'pnot'].includes(type) ? 'mov' : undefined
}

const avi = (head: Buffer): Container | undefined =>
  ascii(head, 0, 4) === 'RIFF' && ascii(head, 8, 12) === 'AVI ' ? 'avi' : undefined

function matroska(head: Buffer): Container | undefined {
  if (head.length < 4 || head.readUInt32BE(0) !== 0x1a45dfa3) return undefined
  // The DocType element, 0x4282, with its length of 4: "webm". Everything else that begins like this is Matroska.
  return head.subarray(0, 256).includes('\x42\x82\x84webm', 0, 'latin1') ? 'webm' : 'mkv'
}

/** Beginnings of files that people mistake for videos: where, what stands there, and what it says of the file. */
const signatures: [offset: number, bytes: string, description: string][] = [
  [0, '\x89PNG', 'it looks like a PNG image'],
  [0, '\xff\xd8\xff', 'it looks like a JPEG image'],
  [0, 'GIF8', 'it looks like a GIF image'],
  [4, 'ftyp', 'it looks like a HEIC or AVIF image'],
  [8, 'WEBP', 'it looks like a WebP image'],
  [0, 'PK', 'it looks like a ZIP archive or an office document'],
  [0, '\x1f\x8b', 'it looks like a gzip archive'],
  [0, 'Rar!', 'it looks like a RAR archive'],
  [0, '7z\xbc\xaf', 'it looks like a 7-Zip archive'],
  [0, '%PDF', 'it looks like a PDF document'],
  [0, 'ID3', 'it looks like an MP3, not a video'],
  [8, 'WAVE', 'it looks like a WAV file, not a video'],
  [0, 'fLaC', 'it looks like a FLAC file, not a video'],
  [0, 'OggS', 'it looks like an Ogg file'],
  [0, 'FLV\x01', 'it looks like a Flash video'],
  [0, '\x30\x26\xb2\x75', 'it looks like a Windows Media file'],
  [0, '\x00\x00\x01\xba', 'it looks like an MPEG programme stream'],
  [0, 'MZ', 'it looks like a Windows program'],
  [0, '\x7fELF', 'it looks like a Linux program'],
]

function looksLike(head: Buffer): string {
  if (head.length === 0) return 'it is empty'
  if (isText(head)) return 'it looks like text'
  if (head[0] === 0x47 && head[188] === 0x47) return 'it looks like an MPEG transport stream'
  const match = signatures.find(([at, bytes]) => ascii(head, at, at + bytes.length) === bytes)
  if (match) return match[2]
  // Layer III frames begin with eleven set bits, a version, and the layer bits 01.
  if (head[0] === 0xff && ((head[1] ?? 0) & 0xe6) === 0xe2) return 'it looks like an MP3, not a video'
  return 'it begins like none of the known kinds of video'
}

/** Whether the first half kilobyte is UTF-8 without control characters other than white space. */
function isText(head: Buffer): boolean {
  const text = head.toString('utf8', 0, 512).replace(/\ufffd{1,3}$/, '') // a character cut at the end
  // oxlint-disable-next-line no-control-regex
  return !/[\0-\x08\x0e-\x1f\ufffd]/.test(text)
}
