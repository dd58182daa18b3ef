export type Container = 'mp4' | 'mov' | 'avi' | 'mkv' | 'webm'

/** How many bytes of the beginning tell what a file is; a shorter file is fine. */
export const sniffBytes = 64 * 1024

/** The container that a file is, judged by its first bytes alone; undefined if it is none that is accepted. */
export const containerOf = (head: Uint8Array): Container | undefined =>
  mp4OrMov(head) ?? avi(head) ?? matroska(head)

/** What people mistake for videos, and how to tell them so. */
export const lookalikes = {
  empty: 'it is empty',
  text: 'it looks like text',
  png: 'it looks like a PNG image',
  jpeg: 'it looks like a JPEG image',
  gif: 'it looks like a GIF image',
  heic: 'it looks like a HEIC or AVIF image',
  webp: 'it looks like a WebP image',
  zip: 'it looks like a ZIP archive or an office document',
  gzip: 'it looks like a gzip archive',
  rar: 'it looks like a RAR archive',
  '7z': 'it looks like a 7-Zip archive',
  pdf: 'it looks like a PDF document',
  mp3: 'it looks like an MP3, not a video',
  wav: 'it looks like a WAV file, not a video',
  flac: 'it looks like a FLAC file, not a video',
  ogg: 'it looks like an Ogg file',
  flash: 'it looks like a Flash video',
  windowsMedia: 'it looks like a Windows Media file',
  mpegProgram: 'it looks like an MPEG programme stream',
  mpegTransport: 'it looks like an MPEG transport stream',
  windowsProgram: 'it looks like a Windows program',
  linuxProgram: 'it looks like a Linux program',
  unknown: 'it begins like none of the known kinds of video',
}
export type Lookalike = keyof typeof lookalikes

/** What a file looks like that `containerOf` does not know. */
export function lookalikeOf(head: Uint8Array): Lookalike {
  if (head.length === 0) return 'empty'
  if (isText(head)) return 'text'
  if (head[0] === 0x47 && head[188] === 0x47) return 'mpegTransport'
  const match = signatures.find(([at, bytes]) => latin1(head, at, at + bytes.length) === bytes)
  if (match) return match[2]
  // Layer III frames begin with eleven set bits, a version, and the layer bits 01.
  if (head[0] === 0xff && ((head[1] ?? 0) & 0xe6) === 0xe2) return 'mp3'
  return 'unknown'
}

const signatures: [offset: number, bytes: string, what: Lookalike][] = [
  [0, '\x89PNG', 'png'],
  [0, '\xff\xd8\xff', 'jpeg'],
  [0, 'GIF8', 'gif'],
  [4, 'ftyp', 'heic'],
  [8, 'WEBP', 'webp'],
  [0, 'PK', 'zip'],
  [0, '\x1f\x8b', 'gzip'],
  [0, 'Rar!', 'rar'],
  [0, '7z\xbc\xaf', '7z'],
  [0, '%PDF', 'pdf'],
  [0, 'ID3', 'mp3'],
  [8, 'WAVE', 'wav'],
  [0, 'fLaC', 'flac'],
  [0, 'OggS', 'ogg'],
  [0, 'FLV\x01', 'flash'],
  [0, '\x30\x26\xb2\x75', 'windowsMedia'],
  [0, '\x00\x00\x01\xba', 'mpegProgram'],
  [0, 'MZ', 'windowsProgram'],
  [0, '\x7fELF', 'linuxProgram'],
]

const latin1 = (head: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...head.subarray(start, end))

const imageBrands = new Set(['heic', 'heix', 'hevc', 'heim', 'heis', 'mif1', 'msf1', 'avif', 'avis'])

function mp4OrMov(head: Uint8Array): Container | undefined {
  const type = latin1(head, 4, 8)
  if (type === 'ftyp') {
    const brand = latin1(head, 8, 12)
    if (imageBrands.has(brand)) return undefined
    return brand === 'qt  ' ? 'mov' : 'mp4'
  }
  // QuickTime files from before the ftyp box begin with any of these.
  return ['moov', 'mdat', 'wide', 'free', 'skip', 'pnot'].includes(type) ? 'mov' : undefined
}

const avi = (head: Uint8Array): Container | undefined =>
  latin1(head, 0, 4) === 'RIFF' && latin1(head, 8, 12) === 'AVI ' ? 'avi' : undefined

function matroska(head: Uint8Array): Container | undefined {
  if (latin1(head, 0, 4) !== '\x1a\x45\xdf\xa3') return undefined
  // The DocType element, 0x4282, with its length of 4: "webm". Everything else that begins like this is Matroska.
  return latin1(head, 0, 256).includes('\x42\x82\x84webm') ? 'webm' : 'mkv'
}

/** Whether the first half kilobyte is UTF-8 without control characters other than white space. */
function isText(head: Uint8Array): boolean {
  const text = new TextDecoder().decode(head.subarray(0, 512)).replace(/\ufffd{1,3}$/, '') // a character cut at the end
  // oxlint-disable-next-line no-control-regex
  return !/[\0-\x08\x0e-\x1f\ufffd]/.test(text)
}
