import { describe, expect, it } from 'vitest'
import { mountOf, parseMountinfo } from './mountinfo.ts'

// Of a Debian desktop: root on LVM over LUKS, btrfs with subvolumes, a bind mount with several optional fields, a stick.
const SAMPLE = String.raw`22 28 0:20 / /proc rw,nosuid,nodev,noexec,relatime shared:13 - proc proc rw
28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw,errors=remount-ro
99 28 0:45 /@home /home rw,noatime shared:52 - btrfs /dev/nvme0n1p3 rw,ssd,space_cache=v2,subvol=/@home
130 28 8:17 / /media/user/USB\040STICK\0111 rw,nosuid shared:7 master:2 propagate_from:3 - vfat /dev/sdb1 rw
140 28 0:50 / /tmp rw shared:60 - tmpfs tmpfs rw,size=1g
141 140 254:1 /var/tmp /tmp rw,relatime - ext4 /dev/mapper/vg-root rw,errors=remount-ro
150 28 0:60 / /srv rw,relatime - nfs4 server:/export rw,vers=4.2
151 28 0:61 / /odd rw -  none rw
truncated line`

describe('mountinfo', () => {
  const mounts = parseMountinfo(SAMPLE)

  it('is read with any number of optional fields and escaped names', () => {
    expect(mounts.find(({ fileSystem }) => fileSystem === 'vfat')).toEqual({
      major: 8,
      minor: 17,
      mountPoint: '/media/user/USB STICK\t1',
      options: 'rw,nosuid',
      fileSystem: 'vfat',
      source: '/dev/sdb1',
    })
  })

  it('keeps options of the mount and of the file system, each once', () => {
    expect(mountOf(mounts, '/etc')?.options).toBe('rw,relatime,errors=remount-ro')
  })

  it.each([
    ['/', '/dev/mapper/vg-root'],
    ['/homestead', '/dev/mapper/vg-root'],
    ['/home', '/dev/nvme0n1p3'],
    ['/home/user/x', '/dev/nvme0n1p3'],
    ['/srv/x', 'server:/export'],
  ])('%s is on %s', (path, source) => {
    expect(mountOf(mounts, path)?.source).toBe(source)
  })

  it('takes the mount on top where two share a mount point', () => {
    expect(mountOf(mounts, '/tmp/x')?.fileSystem).toBe('ext4')
  })

  it('knows nothing from nothing', () => {
    expect(parseMountinfo('')).toEqual([])
    expect(mountOf([], '/')).toBeNull()
  })
})
