import { Component, type ErrorInfo, type ReactNode } from 'react'
import { ErrorAlert } from './fault-alert.tsx'

interface Props {
  children: ReactNode
}

/** A page that cannot be drawn (or loaded) says so in its place; the navigation stays. Another page starts afresh. */
export class PageBoundary extends Component<Props, { error: unknown }> {
  override state: { error: unknown } = { error: null }

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error }
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(error, info.componentStack)
  }

  override componentDidMount(): void {
    window.addEventListener('hashchange', this.#clear)
  }

  override componentWillUnmount(): void {
    window.removeEventListener('hashchange', this.#clear)
  }

  #clear = (): void => {
    if (this.state.error !== null) this.setState({ error: null })
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children
    return (
      <ErrorAlert title="This page could not be shown" error={this.state.error} onRetry={() => location.reload()} />
    )
  }
}
