# vedette_embed(target set  folder pattern  [folder pattern]…)
# Puts files inside the program, byte for byte; read them with embedded_<set>() of bot/base/embedded.hpp.
function(vedette_embed target set)
  set(assembly "  .section .rodata\n")
  set(externs "")
  set(rows "")
  set(number 0)
  set(inputs "")
  set(pairs ${ARGN})
  while(pairs)
    list(POP_FRONT pairs folder pattern)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/${pattern})
    list(SORT files)
    foreach(file IN LISTS files)
      file(RELATIVE_PATH name ${CMAKE_SOURCE_DIR}/${folder} ${file})
      set(symbol embedded_${set}_${number})
      string(APPEND assembly "  .global ${symbol}\n${symbol}:\n  .incbin \"${file}\"\n  .global ${symbol}_end\n${symbol}_end:\n  .byte 0\n")
      string(APPEND externs "extern const char ${symbol};\nextern const char ${symbol}_end;\n")
      string(APPEND rows "      {\"${name}\", {&${symbol}, static_cast<size_t>(&${symbol}_end - &${symbol})}},\n")
      math(EXPR number "${number} + 1")
      list(APPEND inputs ${file})
    endforeach()
  endwhile()
  set(base ${CMAKE_BINARY_DIR}/embedded/${set})
  file(CONFIGURE OUTPUT ${base}.S CONTENT "${assembly}\n  .section .note.GNU-stack,\"\",@progbits\n" @ONLY)
  file(CONFIGURE OUTPUT ${base}.cpp CONTENT
"#include \"bot/base/embedded.hpp\"
extern \"C\" {
${externs}}
namespace vedette {
const std::vector<EmbeddedFile>& embedded_${set}() {
  static const std::vector<EmbeddedFile> files = {
${rows}  };
  return files;
}
}  // namespace vedette
" @ONLY)
  set_source_files_properties(${base}.S PROPERTIES OBJECT_DEPENDS "${inputs}")
  target_sources(${target} PRIVATE ${base}.S ${base}.cpp)
  set_source_files_properties(${base}.S PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()
