import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './app.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { lazy, StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { Redirect, Route, Router, Switch } from 'wouter'
import { connection, queryClient } from './lab-client.ts'
import { Frame } from './shell/frame.tsx'
import { useHashPath, useHashSearch } from './shell/hash-location.ts'
import { PageBoundary } from './shell/page-boundary.tsx'
import { PageSkeleton } from './shell/page-skeleton.tsx'
import { usePrinting } from './shell/use-printing.ts'
import { resolveVariables, theme } from './theme.ts'

const PAGES = {
  newRun: () => import('./pages/new-run/page.tsx'),
  run: () => import('./pages/run/page.tsx'),
  history: () => import('./pages/history/page.tsx'),
  compare: () => import('./pages/compare/page.tsx'),
  trend: () => import('./pages/trend/page.tsx'),
  sweeps: () => import('./pages/sweeps/page.tsx'),
  newSweep: () => import('./pages/new-sweep/page.tsx'),
  sweep: () => import('./pages/sweep/page.tsx'),
  host: () => import('./pages/host/page.tsx'),
  unknown: () => import('./pages/unknown.tsx'),
}
const NewRunPage = lazy(PAGES.newRun)
const RunPage = lazy(PAGES.run)
const HistoryPage = lazy(PAGES.history)
const ComparePage = lazy(PAGES.compare)
const TrendPage = lazy(PAGES.trend)
const SweepsPage = lazy(PAGES.sweeps)
const NewSweepPage = lazy(PAGES.newSweep)
const SweepPage = lazy(PAGES.sweep)
const HostPage = lazy(PAGES.host)
const UnknownPage = lazy(PAGES.unknown)

/** One after the other, when the first is drawn: then every page opens at once, also while the lab is away. */
async function fetchPages(): Promise<void> {
  for (const fetchPage of Object.values(PAGES)) {
    await new Promise((go) => setTimeout(go, BETWEEN_PAGES_MS))
    // What cannot be fetched is asked for again, and said, when it is opened.
    await fetchPage().catch(() => undefined)
  }
}
const BETWEEN_PAGES_MS = 300

function App() {
  const printing = usePrinting()
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolveVariables}
      defaultColorScheme="auto"
      // Paper is light.
      forceColorScheme={printing ? 'light' : undefined}
    >
      <Notifications position="bottom-right" containerWidth={380} />
      <QueryClientProvider client={queryClient}>
        <Router hook={useHashPath} searchHook={useHashSearch}>
          <Frame>
            <PageBoundary>
              <Suspense fallback={<PageSkeleton />}>
                <Switch>
                  <Route path="/">
                    <Redirect to="/new" replace />
                  </Route>
                  <Route path="/new" component={NewRunPage} />
                  <Route path="/runs/:id">{({ id }) => <RunPage key={id} id={id} />}</Route>
                  <Route path="/history" component={HistoryPage} />
                  <Route path="/compare" component={ComparePage} />
                  <Route path="/trend" component={TrendPage} />
                  <Route path="/sweeps" component={SweepsPage} />
                  <Route path="/sweeps/new" component={NewSweepPage} />
                  <Route path="/sweeps/:id">{({ id }) => <SweepPage key={id} id={id} />}</Route>
                  <Route path="/host" component={HostPage} />
                  <Route component={UnknownPage} />
                </Switch>
              </Suspense>
            </PageBoundary>
          </Frame>
        </Router>
      </QueryClientProvider>
    </MantineProvider>
  )
}

/** Draws the window and opens the connection to the lab. */
export function start(): void {
  const root = document.getElementById('root')
  if (!root) throw new Error('index.html has no element #root')
  void connection.keepOpen()
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
  void fetchPages()
}
