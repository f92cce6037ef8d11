// Something for the type checker to do beyond reading its library.
interface Shape { readonly kind: string; area(): number }
class Circle implements Shape {
  readonly kind = 'circle';
  constructor(private readonly radius: number) {}
  area() { return Math.PI * this.radius ** 2; }
}
class Square implements Shape {
  readonly kind = 'square';
  constructor(private readonly side: number) {}
  area() { return this.side ** 2; }
}
type Kinds<T extends readonly Shape[]> = { [K in keyof T]: T[K] extends Shape ? T[K]['kind'] : never };
const shapes = [new Circle(1), new Square(2)] as const;
const kinds: Kinds<typeof shapes> = ['circle', 'square'];
const total = shapes.reduce((sum: number, shape: Shape) => sum + shape.area(), 0);
export { kinds, total };
