cask "cask_simple" do
  version "1.4.0"
  sha256 "1111111111111111111111111111111111111111111111111111111111111111"

  url "https://simple.example/#{version.major}/#{version.dots_to_hyphens}/Simple.dmg"
  name "Simple"
  homepage "https://simple.example/"

  app "Simple.app"

  caveats do
    "url of version 1.4.0"
  end
end
