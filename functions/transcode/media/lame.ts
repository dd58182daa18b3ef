/** `bitrate`: constant, 64–320 kbit/s. `quality`: variable, 0 (best) to 9. Neither: MP3 is copied, else 192 kbit/s. */
export interface EncodeOptions {
  bitrate?: number | undefined
  quality?: number | undefined
}

const defaultBitrate = 192
const sampleRates = [44100, 48000, 32000, 22050, 24000, 16000, 11025, 12000, 8000]

/** The sample rate (Hz) of the MP3, which knows only some: the nearest, as ffmpeg chooses it. */
export const mp3SampleRate = (sampleRate: number): number =>
  sampleRates.reduce((best, rate) =>
    Math.abs(rate - sampleRate) < Math.abs(best - sampleRate) ? rate : best,
  )

export const samplesPerFrame = (mp3SampleRate: number): number => (mp3SampleRate >= 32000 ? 1152 : 576)

/** An MP3 has one or two channels. */
export const mp3Channels = (channels: number): number => Math.min(channels, 2)

/** ffmpeg's options for MP3 frames of the first audio track and nothing else. */
export const mp3Output = (codec: string[]): string[] => [
  ...['-map', '0:a:0', '-map_metadata', '-1', ...codec],
  ...['-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3'],
]

export const encoding = ({ bitrate, quality }: EncodeOptions): string[] => [
  ...['-c:a', 'libmp3lame'],
  ...(quality === undefined ? ['-b:a', `${bitrate ?? defaultBitrate}k`] : ['-q:a', String(quality)]),
]

/** As `encoding`, but without a bit reservoir: no frame needs bytes of those before it, and so they can be joined. */
export const joinable = (options: EncodeOptions): string[] => [...encoding(options), '-reservoir', '0']
