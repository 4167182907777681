export * from "@node-storages/core"
export * from "@node-storages/local"
