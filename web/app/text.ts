import { texts } from '../i18n/language.ts'

export const appText = texts(
  {
    claim: 'Videos in, MP3s out.',
    email: 'E-mail',
    password: 'Password',
    signIn: 'Sign in',
    signingIn: 'Signing in…',
    signInAgain: 'Sign in again',
    goesOn: (email: string) =>
      `Everything stays as it is, and goes on as soon as ${email} is signed in. With another account, uploads end here.`,
    signOut: 'Sign out',
    askSignOut: (count: number) =>
      count === 1
        ? 'Sign out before this file is uploaded?'
        : `Sign out before these ${count} files are uploaded?`,
    andMore: (count: number) => `and ${count} more`,
    endsHere:
      'Uploads end here. Sign in again in this browser, and they are on the list again, as they were; where the browser may not keep the file, choose it once more. What was sent of a large one is kept for a week.',
    stay: 'Go back',
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
    signInAgain: '다시 로그인',
    goesOn: (email) =>
      `${email} 계정으로 로그인하면 모두 그대로 이어집니다. 다른 계정으로 로그인하면 업로드가 중단됩니다.`,
    signOut: '로그아웃',
    askSignOut: (count) => `파일 ${count}개의 업로드가 끝나지 않았습니다. 로그아웃할까요?`,
    andMore: (count) => `외 ${count}개`,
    endsHere:
      '업로드가 중단됩니다. 이 브라우저에서 다시 로그인하면 그대로 목록에 나타나며, 브라우저가 파일을 보관할 수 없으면 다시 선택하면 됩니다. 큰 파일에서 이미 전송된 부분은 일주일 동안 보관됩니다.',
    stay: '돌아가기',
    sections: { files: '파일', tiers: '저장소', users: '사용자', account: '계정' },
    navigation: '메뉴',
    loading: '불러오는 중…',
    tryAgain: '다시 시도',
    adminsOnly: '관리자만 볼 수 있습니다.',
    offline: '연결이 끊겼습니다. 다시 연결하는 중…',
    cannotStart: (reason) => `페이지를 시작할 수 없습니다. ${reason} 새로 고침 하세요.`,
  },
)
