// The small inline functions that rendered C may need; a file carries only those it uses.

const minMax = (name: string, type: string, sign: string): string =>
  `static inline ${type} ${name}(${type} a, ${type} b)\n{\n  return a ${sign} b ? a : b;\n}`;

const wideLoad = (name: string, type: string, bytes: string): string =>
  `static inline ${type} ${name}(const void *from)\n{\n  ${type} value;\n  memcpy(&value, from, ${bytes});\n  return value;\n}`;

const wideStore = (name: string, type: string): string =>
  `static inline void ${name}(void *to, ${type} value)\n{\n  memcpy(to, &value, sizeof value);\n}`;

const reinterpret = (name: string, from: string, to: string): string =>
  `static inline ${to} ${name}(${from} from)\n{\n  union { ${from} from; ${to} to; } both;\n  both.from = from;\n  return both.to;\n}`;

/** Definitions by helper name. */
export const prelude: Readonly<Record<string, string>> = {
  min_i32: minMax('min_i32', 'int32_t', '<'),
  max_i32: minMax('max_i32', 'int32_t', '>'),
  min_i64: minMax('min_i64', 'int64_t', '<'),
  max_i64: minMax('max_i64', 'int64_t', '>'),
  min_f32: minMax('min_f32', 'float', '<'),
  max_f32: minMax('max_f32', 'float', '>'),
  min_f64: minMax('min_f64', 'double', '<'),
  max_f64: minMax('max_f64', 'double', '>'),
  double_from_bits: reinterpret('double_from_bits', 'int64_t', 'double'),
  bits_from_double: reinterpret('bits_from_double', 'double', 'int64_t'),
  float_from_bits:
    'static inline float float_from_bits(int32_t bits)\n{\n  union { int32_t bits; float value; } both;\n  both.bits = bits;\n  return both.value;\n}',
  bits_from_float:
    'static inline int32_t bits_from_float(float value)\n{\n  union { float value; int32_t bits; } both;\n  both.value = value;\n  return both.bits;\n}',
  load_u8: 'static inline int32_t load_u8(const void *from)\n{\n  return *(const uint8_t *)from;\n}',
  load_i16: wideLoad('load_i16', 'int16_t', 'sizeof value'),
  load_i32: wideLoad('load_i32', 'int32_t', 'sizeof value'),
  load_i64: wideLoad('load_i64', 'int64_t', 'sizeof value'),
  load_f64: wideLoad('load_f64', 'double', 'sizeof value'),
  load_f32: wideLoad('load_f32', 'float', 'sizeof value'),
  store_i16: wideStore('store_i16', 'int16_t'),
  store_i32: wideStore('store_i32', 'int32_t'),
  store_i64: wideStore('store_i64', 'int64_t'),
  store_f64: wideStore('store_f64', 'double'),
  store_f32: wideStore('store_f32', 'float'),
};

/** True when the helper's definition needs <string.h>. */
export const needsString = (helper: string): boolean => /^(load|store)_[if]/.test(helper);
