export { ADDON, bringUpToDate, INTERFACE, WINDOW } from './build.ts'
export { chooseDoor, hasDesktop } from './choose-door.ts'
export { obtainElectron } from './electron-binary.ts'
export { runWindow } from './electron-window.ts'
