import { catchLabPort } from './lab/message-port.ts'
import { forbidEval } from './zod-without-eval.ts'

/*
 * Both calls must come before any other module of the app is evaluated: the preload posts its port as soon as the page
 * listens, and zod decides while a schema is made whether it may compile it. Hence the dynamic import.
 */
forbidEval()
catchLabPort()
void import('./app.tsx').then(({ start }) => start())
