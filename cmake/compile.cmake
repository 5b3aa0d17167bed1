# Flags that every target of this project is built with.

add_library(vedette_flags INTERFACE)
target_compile_options(vedette_flags INTERFACE -pthread)
target_include_directories(vedette_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(vedette_flags INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_ARRAY BOOST_ASIO_DISABLE_BOOST_REGEX
  FMT_HEADER_ONLY=0)
target_compile_options(vedette_flags INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror
  $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-field-initializers>
  # g++ 12 warns wrongly inside its own library and about every coroutine frame.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-missing-field-initializers;-Wno-mismatched-new-delete;-Wno-maybe-uninitialized;-Wno-restrict;-Wno-stringop-overflow;-Wno-array-bounds>)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(vedette_flags INTERFACE -fstack-protector-strong -fstack-clash-protection -fcf-protection -U_FORTIFY_SOURCE)
  target_compile_definitions(vedette_flags INTERFACE _FORTIFY_SOURCE=2 _GLIBCXX_ASSERTIONS)
  target_link_options(vedette_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack,--gc-sections)
  target_compile_options(vedette_flags INTERFACE -ffunction-sections -fdata-sections)
endif()

# One small precompiled header for the headers nearly every file meets. Beast and the JSON library stay out: few files see them.
add_library(vedette_pch OBJECT cmake/pch.cpp)
target_link_libraries(vedette_pch PRIVATE vedette_flags fmt::fmt Boost::headers)
target_precompile_headers(vedette_pch PRIVATE cmake/pch.hpp)

function(vedette_compile target)
  target_link_libraries(${target} PRIVATE vedette_flags fmt::fmt)
  target_precompile_headers(${target} REUSE_FROM vedette_pch)
endfunction()
