cask "cask_blocks" do
  on_arm do
    version "1.4.0"
    sha256 "1111111111111111111111111111111111111111111111111111111111111111"
    url "https://blocks.example/#{version}/arm64.zip"
  end
  on_intel do
    version "1.3.9"
    sha256 "2222222222222222222222222222222222222222222222222222222222222222"
    url "https://blocks.example/#{version}/x64.zip"
  end

  name "Blocks"
  homepage "https://blocks.example/"

  binary "blocks"
end
