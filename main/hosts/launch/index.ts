export { ADDON, bringUpToDate, INTERFACE, ROOT, WINDOW } from './build.ts'
export { chooseDoor, type Door, hasDesktop } from './choose-door.ts'
export { obtainElectron } from './electron-binary.ts'
export { runWindow } from './electron-window.ts'
