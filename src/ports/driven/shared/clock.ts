/** The present instant. Domain and use cases know no other source of time. */
export type Clock = () => Date
