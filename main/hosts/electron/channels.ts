/** The two messages between the window's preload and the main process. */
export const ASK_FOR_PORT = 'swaplab:ask-for-port'
export const HERE_IS_PORT = 'swaplab:here-is-port'

/** What the preload says to the page, with the port beside it. */
export const PORT_MESSAGE = 'swaplab-port'
