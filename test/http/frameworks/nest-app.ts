import { Body, Controller, HttpCode, Module, Post } from "@nestjs/common"

class EchoController {
  echo(body: unknown): unknown {
    return body
  }
}

class AppModule {
  readonly name = "app"
}

/** Node runs no decorators, but they are functions. */
function decorate(): typeof AppModule {
  const { prototype } = EchoController
  const method = Object.getOwnPropertyDescriptor(prototype, "echo")!
  Controller()(EchoController)
  Post("echo")(prototype, "echo", method)
  HttpCode(200)(prototype, "echo", method)
  Body()(prototype, "echo", 0)
  Module({ controllers: [EchoController] })(AppModule)
  return AppModule
}

/** The app of NestJS, on whichever server. */
export const App: typeof AppModule = decorate()
