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

const NewRunPage = lazy(() => import('./pages/new-run/page.tsx'))
const RunPage = lazy(() => import('./pages/run/page.tsx'))
const HistoryPage = lazy(() => import('./pages/history/page.tsx'))
const ComparePage = lazy(() => import('./pages/compare/page.tsx'))
const TrendPage = lazy(() => import('./pages/trend/page.tsx'))
const SweepsPage = lazy(() => import('./pages/sweeps/page.tsx'))
const NewSweepPage = lazy(() => import('./pages/new-sweep/page.tsx'))
const SweepPage = lazy(() => import('./pages/sweep/page.tsx'))
const HostPage = lazy(() => import('./pages/host/page.tsx'))
const UnknownPage = lazy(() => import('./pages/unknown.tsx'))

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
                  <Route path="/runs/:id">{({ id }) => <RunPage key={id} id={decodeURIComponent(id)} />}</Route>
                  <Route path="/history" component={HistoryPage} />
                  <Route path="/compare" component={ComparePage} />
                  <Route path="/trend" component={TrendPage} />
                  <Route path="/sweeps" component={SweepsPage} />
                  <Route path="/sweeps/new" component={NewSweepPage} />
                  <Route path="/sweeps/:id">{({ id }) => <SweepPage key={id} id={decodeURIComponent(id)} />}</Route>
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
}
