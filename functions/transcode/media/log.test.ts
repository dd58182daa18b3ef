import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { describe, it } from 'node:test'
import { FfmpegLog } from './log.ts'

const read = (text: string): FfmpegLog => {
  const log = new FfmpegLog()
  for (const line of text.split('\n')) log.read(line)
  return log
}

const input = `[h264 @ 0x55d1c70e0540] [error] no frame!
[info] Input #0, matroska,webm, from 'http://127.0.0.1:1/x':
[info]   Metadata:
[info]     title           : Duration: 09:00:00.00
                    :   Stream #0:0: Audio: fake, 1 Hz
[info]   Duration: 00:01:04.50, start: -0.023000, bitrate: 77 kb/s
[info]   Stream #0:0[0x1](und): Video: h264 (High), 1 reference frame, yuv420p, 160x120
[info]       Metadata:
[info]         DURATION        : 00:01:04.500000000
[info]   Stream #0:1(eng): Audio: aac (LC), 44100 Hz, mono, fltp, delay 1024 (default)
[info]       Metadata:
[info]         DURATION-eng    : 00:01:03.250000000
[info]   Stream #0:2(ger): Audio: ac3, 48000 Hz, 5.1(side), fltp
[info]         DURATION        : 00:00:01.000000000
`
const working = '[info] Stream mapping:\n[info]   Stream #0:1 -> #0:0 (aac (native) -> mp3 (libmp3lame))\n'

describe('ffmpeg’s log', () => {
  it('describes the input: container, first audio and video track', () => {
    const log = read(input)
    assert.equal(log.opened, true)
    assert.equal(log.durationSeconds, 64.5)
    assert.equal(log.audioCodec, 'aac')
    assert.equal(log.audioSeconds, 63.25)
    assert.equal(log.videoCodec, 'h264')
    assert.equal(log.encrypted, false)
  })

  it('tells encrypted sound', () => {
    assert.equal(read(input.replace('aac (LC)', 'aac (LC) (enca / 0x61636E65)')).encrypted, true)
  })

  it('makes nothing of decoders of pictures that are not let in', () => {
    const refusal = "[h264 @ 0x55d1c70e0540] [error] Codec (h264) not on whitelist 'aac,mp3float'"
    assert.deepEqual(read(`${refusal}\n${input}`).lastErrors, ['no frame!'])
    assert.equal(read(`${input}${working}${refusal}`).errors, 0)
  })

  it('counts as errors what goes wrong once the work has begun', () => {
    assert.equal(read(input).errors, 0)
    const log = read(`${input}${working}[aac @ 0x1] [error] channel element 0.0 is not allocated
[aist#0:1/aac @ 0x1] [dec:aac @ 0x2] [error] Error submitting packet to decoder
[error] Error while decoding stream #0:1
[aac @ 0x1] [warning] no matter
[fatal] Conversion failed!`)
    assert.equal(log.errors, 4)
    assert.equal(log.lastErrors.at(-1), 'Conversion failed!')
  })

  for (const line of [
    '[aist#0:1/none @ 0x55] [error] Decoding requested, but no decoder found for: none',
    '[error] Decoder (codec none) not found for input stream #0:1',
  ])
    it(`knows a missing decoder from ${JSON.stringify(line)}`, () => {
      assert.equal(read(input).decodable, true)
      assert.equal(read(`${input}${line}`).decodable, false)
    })

  for (const prefix of ['[verbose] ', '[out#0/mp3 @ 0x55d1c70ee0c0] [verbose] '])
    it(`reads how many samples were encoded after ${JSON.stringify(prefix)}`, () => {
      const line =
        '  Output stream #0:0 (audio): 116 frames encoded (133120 samples); 117 packets muxed (48901 bytes); '
      assert.equal(read(`${input}${working}${prefix}${line}`).encodedSamples, 133120)
    })

  it('follows the position', () => {
    const log = read(
      `${input}${working}[info] size=      48KiB time=00:01:03.05 bitrate= 129.1kbits/s speed= 237x    `,
    )
    assert.equal(log.positionSeconds, 63.05)
    log.read('[info] size=       0kB time=N/A bitrate=N/A speed=N/A    ')
    assert.equal(log.positionSeconds, 63.05)
  })

  it('follows the position where there are pictures, to the end', () => {
    for (const size of [' size', 'Lsize']) {
      const line = `[info] frame=  625 fps=0.0 q=-1.0 ${size}=     405kB time=00:00:25.00 bitrate= 132.7kbits/s`
      assert.equal(read(`${input}${working}${line}`).positionSeconds, 25)
    }
  })

  it('reads the first decoded frame', () => {
    const line = (channels: number) =>
      `[Parsed_ashowinfo_0 @ 0x7f] [info] n:0 pts:-1105 pts_time:-0.025 fmt:fltp channels:${channels} chlayout:mono rate:44100 nb_samples:1024 checksum:88C9C6E3`
    assert.deepEqual(read(`${input}${working}${line(1)}\n${line(2)}`).firstFrame, {
      pts: -1105,
      channels: 1,
      sampleRate: 44100,
    })
  })

  it('notices that somebody stopped ffmpeg', () => {
    assert.equal(read(`${input}${working}[info] Exiting normally, received signal 15.`).interrupted, true)
  })

  it('tells the kernel, which says that the CPU time is used up, from others', () => {
    const stopped = (signal: number): FfmpegLog =>
      read(`${input}${working}[info] Exiting normally, received signal ${signal}.`)
    assert.equal(stopped(15).outOfTime, false)
    assert.equal(stopped(constants.signals.SIGXCPU).outOfTime, true)
  })

  it('keeps of a sound that changes all the time only that it does', () => {
    const line = '[graph_0_in_0_1 @ 0x1] [verbose] tb:1/44100 samplefmt:fltp samplerate:44100 chlayout:mono\n'
    assert.equal(read(`${input}${working}${line.repeat(1000)}`).formats.length, 2)
  })

  it('takes no fact from the tags of the output, which repeat what an uploader wrote', () => {
    const tags = [
      'Exiting normally, received signal 15.',
      'n:0 pts:5 pts_time:5 channels:9 chlayout:x rate:7 nb_samples:1',
      '   Output stream #0:0 (audio): 1 frames encoded (7 samples)',
    ]
    const lines = tags.map(
      (tag) => `[info]     title           : ${tag}\n[info]                     : ${tag}`,
    )
    const log = read(`${input}${working}[info] Output #0, null, to 'pipe:':\n${lines.join('\n')}`)
    assert.deepEqual([log.interrupted, log.firstFrame, log.encodedSamples], [false, undefined, 0])
  })
})
