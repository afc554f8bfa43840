class Modifiers < Formula
  desc "Conditions after the fact"
  homepage "https://modifiers.example"
  version "1.4.0"
  url "https://modifiers.example/#{version}/darwin.tgz" if OS.mac?
  sha256 "1111111111111111111111111111111111111111111111111111111111111111" if OS.mac?
  url "https://modifiers.example/#{version}/linux.tgz" unless OS.mac?
  sha256 "2222222222222222222222222222222222222222222222222222222222222222" unless OS.mac?
end
