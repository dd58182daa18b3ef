import { constants } from 'node:os'

/** The first decoded piece of a sound. */
export interface FirstFrame {
  /** Hz. */
  sampleRate: number
  channels: number
  /** Its timestamp, in samples. */
  pts: number
}

/** What ffmpeg says about a run, read from the lines that it logs at the level `verbose`, each marked with its level. */
export class FfmpegLog {
  /** Whether the input could be opened. */
  opened = false
  /** The container's own length; undefined if it does not say. */
  durationSeconds: number | undefined
  /** ffmpeg's name of the first audio track's codec; `none` if it knows no name. */
  audioCodec: string | undefined
  /** Whether that track's codec is a wrapper for encrypted sound. */
  encrypted = false
  /** How long the first audio track is by its DURATION tag, which Matroska files carry. */
  audioSeconds: number | undefined
  /** ffmpeg's name of the first video track's codec. */
  videoCodec: string | undefined
  /** Of a run through `ashowinfo`. */
  firstFrame: FirstFrame | undefined
  /** What the decoded sound was like that filters took in: at first, and after its first change. It may change with every packet. */
  formats: { sampleRate: number; layout: string }[] = []
  /** Whether ffmpeg has a decoder for the audio track. */
  decodable = true
  /** How far the output is. */
  positionSeconds = 0
  /** Samples per channel, at the output's sample rate. */
  encodedSamples = 0
  /** Whether somebody's signal asked ffmpeg to stop, upon which it pretends that the input ended there. */
  interrupted = false
  /** Whether that signal was the kernel's, since all its CPU time was used up. */
  outOfTime = false
  /** What was logged as an error since the input was open and the work began. */
  errors = 0
  /** The last things logged as errors. */
  lastErrors: string[] = []

  // ffmpeg first describes the input and then, once it begins to work, the output: in the same words.
  #section: 'opening' | 'input' | 'working' = 'opening'
  #inAudio = false

  read(line: string): void {
    const error = /^(?:\[[^\]]* @ [^\]]*\] )*\[(?:error|fatal|panic)\] (.*)/.exec(line)?.[1]
    if (error !== undefined) {
      if (!refused.test(error)) this.#readError(error)
    } else if (line.startsWith('[info] Input #0,')) {
      this.#section = 'input'
      this.opened = true
    } else if (line.startsWith('[info] Stream mapping:')) this.#section = 'working'
    else if (this.#section === 'input') this.#readInput(line)
    else if (this.#section === 'working') this.#readWork(line)
  }

  #readError(error: string): void {
    if (this.#section === 'working') this.errors++
    this.lastErrors = [...this.lastErrors.slice(-4), error]
    if (/no decoder found|^Decoder \(.*\) not found/.test(error)) this.decodable = false
  }

  // Indented by two are facts, by four and more the tags, which an uploader can write as he likes.
  #readInput(line: string): void {
    const duration = /^\[info\] {3}Duration: (\d+:\d+:\d+\.\d+)/.exec(line)?.[1]
    if (duration) this.durationSeconds = seconds(duration)

    const stream = /^\[info\] {3}Stream #0:\d+\S*: (\w+): (\w+)(.*)/.exec(line)
    if (stream) {
      const [, kind, codec, details = ''] = stream
      this.#inAudio = kind === 'Audio' && this.audioCodec === undefined
      if (this.#inAudio) {
        this.audioCodec = codec
        this.encrypted = details.includes('(enca / ')
      }
      if (kind === 'Video') this.videoCodec ??= codec
    }

    const tag = /^\[info\] {5,}DURATION(?:-\w+)? *: (\d+:\d+:\d+\.\d+)/.exec(line)?.[1]
    if (tag && this.#inAudio) this.audioSeconds = seconds(tag)
  }

  #readWork(line: string): void {
    const position = /^\[info\] (?:frame=.* )?L?size=.* time=(\d+:\d+:\d+\.\d+)/.exec(line)?.[1]
    if (position) this.positionSeconds = seconds(position)

    const encoded =
      /^(?:\[[^\]]* @ [^\]]*\] )?\[\w+\] {3}Output stream #0:0 \(audio\): \d+ frames encoded \((\d+) samples\)/.exec(
        line,
      )?.[1]
    if (encoded) this.encodedSamples = Number(encoded)

    const signal = /^\[info\] Exiting normally, received signal (\d+)\./.exec(line)?.[1]
    if (signal) this.interrupted = true
    if (Number(signal) === constants.signals.SIGXCPU) this.outOfTime = true

    // A filter graph is made anew when the sound that comes into it changes.
    const format =
      /^\[graph_\S* @ \S+\] \[verbose\] tb:\S+ samplefmt:\S+ samplerate:(\d+) chlayout:(.+)$/.exec(line)
    if (format && this.formats.length < 2)
      this.formats.push({ sampleRate: Number(format[1]), layout: format[2] ?? '' })

    const frame =
      /^\[Parsed_ashowinfo\S* @ \S+\] \[info\] .*? pts:(-?\d+) .* channels:(\d+) .*rate:(\d+) nb_samples:/.exec(
        line,
      )
    if (frame)
      this.firstFrame ??= {
        pts: Number(frame[1]),
        channels: Number(frame[2]),
        sampleRate: Number(frame[3]),
      }
  }
}

// What is told of each track of pictures or subtitles, whose decoders are not let in.
const refused = /^Codec \(\S+\) not on whitelist/

/** Of `hours:minutes:seconds`. */
const seconds = (time: string): number =>
  time.split(':').reduce((total, part) => total * 60 + Number(part), 0)
