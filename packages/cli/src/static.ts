export * from "@node-storages/static"
