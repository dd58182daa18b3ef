import { makeVideo, type VideoRequest } from '../../media.ts'

const seconds = 0.5
const small = { seconds, sampleRate: 22_050 }

const requests = {
  'aac.mp4': { ...small, format: ['mp4'], audio: ['aac'] },
  'faststart.mp4': { ...small, format: ['mp4', '-movflags', '+faststart'], audio: ['aac'] },
  'fragments.mp4': { ...small, format: ['mp4', '-movflags', '+frag_keyframe+empty_moov'], audio: ['aac'] },
  'mp3.mp4': { ...small, format: ['mp4'], audio: ['libmp3lame'] },
  'flac.mp4': {
    format: ['mp4'],
    audio: ['flac', '-frame_size', '16384'],
    seconds: 3,
    sampleRate: 8000,
    silent: true,
  },
  'pcm.mov': { ...small, format: ['mov'], audio: ['pcm_s16le'], video: ['mjpeg'] },
  'alac.mov': { ...small, format: ['mov'], audio: ['alac'], video: ['mjpeg'] },
  'mp3.avi': { ...small, format: ['avi'], audio: ['libmp3lame'] },
  'pcm.avi': { ...small, format: ['avi'], audio: ['pcm_s16le'], video: ['mjpeg'] },
  'aac.mkv': { ...small, format: ['matroska'], audio: ['aac'] },
  'flac.mkv': { ...small, format: ['matroska'], audio: ['flac'], video: ['mjpeg'] },
  'opus.webm': { seconds, sampleRate: 48_000, format: ['webm'], audio: ['libopus'], video: ['libvpx'] },
  'vorbis.webm': { ...small, format: ['webm'], audio: ['libvorbis'], video: ['libvpx'] },
} satisfies Record<string, VideoRequest>

export type GoodName = keyof typeof requests
export type GoodFiles = Record<GoodName, Buffer>

/** One small video of every kind that is accepted. */
export async function makeGoodFiles(): Promise<GoodFiles> {
  const made: [string, Buffer][] = []
  for (const [name, request] of Object.entries(requests)) made.push([name, await makeVideo(request)])
  return Object.fromEntries(made) as GoodFiles
}
