import { texts } from '../i18n/language.ts'

export const appText = texts(
  {
    claim: 'Videos in, MP3s out.',
    email: 'E-mail',
    password: 'Password',
    signIn: 'Sign in',
    signingIn: 'Signing in…',
    signOut: 'Sign out',
    sections: { files: 'Files', tiers: 'Storage', users: 'Users', account: 'Account' },
    navigation: 'Sections',
    loading: 'Loading…',
    tryAgain: 'Try again',
    adminsOnly: 'Only administrators can see this.',
    offline: 'The connection is lost. Trying again…',
    cannotStart: (reason: string) => `The page cannot start. ${reason} Load it again.`,
  },
  {
    claim: '동영상을 MP3로 변환합니다.',
    email: '이메일',
    password: '비밀번호',
    signIn: '로그인',
    signingIn: '로그인 중…',
    signOut: '로그아웃',
    sections: { files: '파일', tiers: '저장소', users: '사용자', account: '계정' },
    navigation: '메뉴',
    loading: '불러오는 중…',
    tryAgain: '다시 시도',
    adminsOnly: '관리자만 볼 수 있습니다.',
    offline: '연결이 끊겼습니다. 다시 연결하는 중…',
    cannotStart: (reason) => `페이지를 시작할 수 없습니다. ${reason} 새로 고침 하세요.`,
  },
)
