export function greet(element) {
  element.append("Hello from node-storages")
}
