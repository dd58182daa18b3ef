import { lookalikes, type Lookalike } from '../../lib/sniff.ts'
import { formatBytes, formatPlayingTime } from '../format.ts'
import { texts } from '../i18n/language.ts'
import type { Objection } from './check.ts'

const accepted = 'MP4, MOV, AVI, MKV and WebM are accepted.'

function objection(found: Objection): string {
  switch (found.kind) {
    case 'gone':
      return 'It is no longer where it was: it was moved, renamed or deleted. Choose it again where it is now.'
    case 'unreadable':
      return 'It cannot be read. Of a folder, choose the files in it. Otherwise it may have changed, or be in use by another program: close that, and choose the file again.'
    case 'tooLarge':
      return `It is too large: ${formatBytes(found.size)}, and your account may upload files of at most ${formatBytes(found.mostBytes)}.`
    case 'noVideo':
      return `This is no video that can be read: ${lookalikes[found.looksLike]}. ${accepted}`
  }
}

const koreanLookalikes: Record<Lookalike, string> = {
  empty: '빈 파일입니다',
  text: '텍스트 파일로 보입니다',
  png: 'PNG 이미지로 보입니다',
  jpeg: 'JPEG 이미지로 보입니다',
  gif: 'GIF 이미지로 보입니다',
  heic: 'HEIC 또는 AVIF 이미지로 보입니다',
  webp: 'WebP 이미지로 보입니다',
  zip: 'ZIP 압축 파일이나 문서로 보입니다',
  gzip: 'gzip 압축 파일로 보입니다',
  rar: 'RAR 압축 파일로 보입니다',
  '7z': '7-Zip 압축 파일로 보입니다',
  pdf: 'PDF 문서로 보입니다',
  mp3: '동영상이 아니라 MP3로 보입니다',
  wav: '동영상이 아니라 WAV 파일로 보입니다',
  flac: '동영상이 아니라 FLAC 파일로 보입니다',
  ogg: 'Ogg 파일로 보입니다',
  flash: '플래시 동영상으로 보입니다',
  windowsMedia: 'Windows Media 파일로 보입니다',
  mpegProgram: 'MPEG 프로그램 스트림으로 보입니다',
  mpegTransport: 'MPEG 전송 스트림으로 보입니다',
  windowsProgram: 'Windows 프로그램으로 보입니다',
  linuxProgram: 'Linux 프로그램으로 보입니다',
  unknown: '알려진 동영상 형식이 아닙니다',
}

function koreanObjection(found: Objection): string {
  switch (found.kind) {
    case 'gone':
      return '파일이 원래 위치에 없습니다. 이동되었거나 이름이 바뀌었거나 삭제되었습니다. 현재 위치에서 다시 선택하세요.'
    case 'unreadable':
      return '파일을 읽을 수 없습니다. 폴더라면 그 안의 파일을 선택하세요. 파일이 변경되었거나 다른 프로그램에서 사용 중일 수 있으니 그 프로그램을 닫고 다시 선택하세요.'
    case 'tooLarge':
      return `파일이 너무 큽니다(${formatBytes(found.size)}). 이 계정은 ${formatBytes(found.mostBytes)}까지 업로드할 수 있습니다.`
    case 'noVideo':
      return `읽을 수 있는 동영상이 아닙니다. ${koreanLookalikes[found.looksLike]}. MP4, MOV, AVI, MKV, WebM을 지원합니다.`
  }
}

const qualityNotes: Record<number, string> = {
  0: ' (best)',
  2: ' (very good)',
  4: ' (good)',
  9: ' (smallest)',
}
const koreanQualityNotes: Record<number, string> = {
  0: ' (최고 품질)',
  2: ' (매우 좋음)',
  4: ' (좋음)',
  9: ' (최소 용량)',
}

export const uploadsText = texts(
  {
    addFiles: 'Add files',
    uploads: 'Uploads',
    dropHint: 'Drop videos anywhere on this page, or',
    chooseFiles: 'Choose files',
    dropNow: 'Drop to convert to MP3',
    quality: 'MP3 quality',
    automatic: 'Automatic (keep MP3, else 192 kbit/s)',
    constant: 'Constant bitrate',
    variable: 'Variable bitrate',
    variableName: (quality: number) => `V${quality}${qualityNotes[quality] ?? ''}`,
    waiting: (count: number) =>
      `${count === 1 ? '1 file is waiting' : `${count} files are waiting`} to be uploaded`,
    status: {
      checking: 'Looking into it',
      refused: 'Not uploaded',
      waiting: 'Waiting to be uploaded',
      paused: 'Paused',
      orphaned: 'Upload not finished',
      sending: 'Uploading',
      interrupted: 'Interrupted, trying again',
      sent: 'Uploaded',
      failed: 'Upload failed',
    },
    objection,
    qualityNamed: (name: string) => `MP3 quality of ${name}`,
    files: (count: number) => (count === 1 ? '1 file' : `${count} files`),
    sentOf: (sent: string, all: string) => `${sent} of ${all}`,
    pace: (perSecond: string) => `${perSecond}/s`,
    left: (seconds: number) => `${formatPlayingTime(seconds)} left`,
    pause: 'Pause',
    pauseNamed: (name: string) => `Pause ${name}`,
    pauseAll: 'Pause all',
    resume: 'Resume',
    resumeNamed: (name: string) => `Resume ${name}`,
    resumeAll: 'Resume all',
    chooseAgain: 'Choose the file',
    chooseAgainNamed: (name: string) => `Choose the file ${name} again`,
    mayResume: 'The page was left before all of it had been sent. It goes on where it broke off.',
    needsFile:
      'The page was left before all of it had been sent. Choose the same file again, or drop it here: it goes on where it broke off.',
    cancel: 'Cancel',
    cancelNamed: (name: string) => `Cancel ${name}`,
    remove: 'Remove',
    removeNamed: (name: string) => `Remove ${name}`,
    tryAgain: 'Try again',
    tryAgainNamed: (name: string) => `Try again: ${name}`,
  },
  {
    addFiles: '파일 추가',
    uploads: '업로드',
    dropHint: '이 페이지 아무 곳에나 동영상을 끌어다 놓거나',
    chooseFiles: '파일 선택',
    dropNow: '놓으면 MP3로 변환합니다',
    quality: 'MP3 품질',
    automatic: '자동 (MP3는 그대로, 그 외 192 kbit/s)',
    constant: '고정 비트레이트',
    variable: '가변 비트레이트',
    variableName: (quality) => `V${quality}${koreanQualityNotes[quality] ?? ''}`,
    waiting: (count) => `파일 ${count}개가 업로드를 기다리는 중`,
    status: {
      checking: '확인 중',
      refused: '업로드하지 않음',
      waiting: '업로드 대기 중',
      paused: '일시 중지됨',
      orphaned: '업로드가 끝나지 않음',
      sending: '업로드 중',
      interrupted: '중단됨, 다시 시도하는 중',
      sent: '업로드 완료',
      failed: '업로드 실패',
    },
    objection: koreanObjection,
    qualityNamed: (name) => `${name}의 MP3 품질`,
    files: (count) => `파일 ${count}개`,
    sentOf: (sent, all) => `${all} 중 ${sent}`,
    pace: (perSecond) => `초당 ${perSecond}`,
    left: (seconds) => `${formatPlayingTime(seconds)} 남음`,
    pause: '일시 중지',
    pauseNamed: (name) => `${name} 일시 중지`,
    pauseAll: '모두 일시 중지',
    resume: '계속',
    resumeNamed: (name) => `${name} 계속`,
    resumeAll: '모두 계속',
    chooseAgain: '파일 선택',
    chooseAgainNamed: (name) => `${name}: 파일 선택`,
    mayResume: '전송이 끝나기 전에 페이지를 떠났습니다. 중단된 곳부터 이어집니다.',
    needsFile:
      '전송이 끝나기 전에 페이지를 떠났습니다. 같은 파일을 다시 선택하거나 끌어다 놓으면 중단된 곳부터 이어집니다.',
    cancel: '취소',
    cancelNamed: (name) => `${name} 취소`,
    remove: '제거',
    removeNamed: (name) => `${name} 제거`,
    tryAgain: '다시 시도',
    tryAgainNamed: (name) => `${name} 다시 시도`,
  },
)
