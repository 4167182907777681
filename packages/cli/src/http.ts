export * from "@node-storages/http"
