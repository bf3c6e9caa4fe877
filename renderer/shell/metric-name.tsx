import { Text } from '@mantine/core'
import { useId, useState } from 'react'
import { metricMeaning } from '../../main/contract/index.ts'

interface MetricNameProps {
  name: string
  better: 'higher' | 'lower' | undefined
}

/** A metric as heading of its row: which way is better, and what it is at a click, by key or by finger as well. */
export function MetricName({ name, better }: MetricNameProps) {
  const [shown, show] = useState(false)
  const id = useId()
  const meaning = metricMeaning(name)
  return (
    <>
      {meaning ? (
        <button
          type="button"
          className="metric-name"
          title={meaning}
          aria-expanded={shown}
          aria-controls={id}
          onClick={() => show(!shown)}
        >
          {name}
        </button>
      ) : (
        name
      )}{' '}
      {better && (
        <span title={`${better} is better`}>
          <span aria-hidden>{better === 'higher' ? '↑' : '↓'}</span>
          <span className="unseen">{better} is better</span>
        </span>
      )}
      <span id={id}>
        {shown && (
          <Text component="span" display="block" size="xs" c="dimmed" maw={300} style={{ whiteSpace: 'normal' }}>
            {meaning}
          </Text>
        )}
      </span>
    </>
  )
}
