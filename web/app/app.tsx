import { AccountPage } from '../account/account-page.tsx'
import { useText } from '../i18n/language.ts'
import { JobPage } from '../job/job-page.tsx'
import { FilesPage } from '../jobs/files-page.tsx'
import { jobsText } from '../jobs/text.ts'
import { useStore } from '../store.ts'
import { TiersPage } from '../tiers/tiers-page.tsx'
import { DropTarget } from '../uploads/drop-target.tsx'
import { useKeptEncoding } from '../uploads/encodings.ts'
import type { Picked, Unreadable } from '../uploads/picked.ts'
import { UsersPage } from '../users/users-page.tsx'
import { Header } from './header.tsx'
import { sectionAddress, useRoute } from './route.ts'
import { SignInAgain } from './sign-in-again.tsx'
import { SignIn } from './sign-in.tsx'
import type { Tapedeck } from './tapedeck.ts'
import { appText } from './text.ts'

export function App({ tapedeck }: { tapedeck: Tapedeck }) {
  const { token, owner, reason } = useStore(tapedeck.session.state)
  const account = useStore(tapedeck.account)
  if (token === undefined && account === undefined) return <SignIn tapedeck={tapedeck} reason={reason} />
  return (
    <>
      {/* Whoever signs in as somebody else finds nothing of what was shown or typed before. */}
      <SignedIn key={owner} tapedeck={tapedeck} />
      {token === undefined && account && (
        <SignInAgain tapedeck={tapedeck} email={account.email} reason={reason} />
      )}
    </>
  )
}

/** The section that the address names; and, wherever one is, a page that takes files. */
function SignedIn({ tapedeck }: { tapedeck: Tapedeck }) {
  const route = useRoute()
  const [encoding, setEncoding] = useKeptEncoding()
  const add = (files: (Picked | Unreadable)[]): void => tapedeck.uploads.add(files, encoding.options)

  function drop(files: (Picked | Unreadable)[]): void {
    add(files)
    if (files.length > 0 && (route.section !== 'files' || route.jobId))
      location.hash = sectionAddress('files')
  }

  return (
    <>
      <Header tapedeck={tapedeck} section={route.section} />
      {route.jobId !== undefined && <JobPage key={route.jobId} id={route.jobId} tapedeck={tapedeck} />}
      {route.section === 'files' && route.jobId === undefined && (
        <FilesPage tapedeck={tapedeck} encoding={encoding} onEncoding={setEncoding} onFiles={add} />
      )}
      {route.section === 'tiers' && <TiersPage tapedeck={tapedeck} />}
      {route.section === 'users' && <UsersPage tapedeck={tapedeck} />}
      {route.section === 'account' && <AccountPage tapedeck={tapedeck} />}
      <DropTarget onFiles={drop} />
      <News tapedeck={tapedeck} />
    </>
  )
}

/** What is said wherever one is: a job's end, and that the connection is lost. */
function News({ tapedeck: { jobs } }: { tapedeck: Tapedeck }) {
  const { isOffline, news } = useStore(jobs.state)
  const text = useText(jobsText)
  const { offline } = useText(appText)
  return (
    <>
      <p class="visually-hidden" role="status">
        {news &&
          (news.error
            ? text.hasFailed(news.filename, text.error(news.error.code, news.error.message))
            : text.isReady(news.filename))}
      </p>
      {isOffline && (
        <p class="toast" role="status">
          {offline}
        </p>
      )}
    </>
  )
}
