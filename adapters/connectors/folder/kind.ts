// kind — `connector: folder`: the Single Window client's import folders.
import { Type } from 'typebox'
import { fileParts, fileSettings } from '../files/settings.js'
import { connectorKind } from '../kind.js'
import { createFolderConnector } from './folder-connector.js'

const Settings = Type.Object({
  root: Type.String({
    minLength: 1,
    description:
      "The Single Window client's import root as this machine sees it (a share, mounted). " +
      'The client makes its folders; the hub never does',
    zh: '单一窗口客户端导入目录的根目录',
  }),
  folders: Type.Record(Type.String(), Type.String({ pattern: '^[^/\\\\.][^/\\\\]*$' }), {
    default: {},
    description: 'Document type → import folder, where it differs from the published one',
    zh: '报文类型 → 导入目录（与公布的目录不同时填写）',
  }),
  ...fileSettings,
})

/** Agencies that a Single Window client speaks for. Source of its folders: the client's import interface. */
export const folder = connectorKind({
  kind: 'folder',
  title: "the Single Window client's import folders 单一窗口客户端导入目录",
  Settings,
  faults: () => [],
  fetches: true,
  place: ({ root, folders, prefix }) => [root, folders, prefix],
  answersQueries: false,
  create: (settings, given) =>
    createFolderConnector({
      ...fileParts(settings, given),
      root: settings.root,
      folderOf: (documentType) => settings.folders[documentType] ?? given.folderOf(documentType),
      folders: [...new Set([...given.folders, ...Object.values(settings.folders)])],
    }),
})
