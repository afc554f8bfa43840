# As much of Homebrew as it takes to load a formula or cask: what does it say, on each of the four machines?

$machine = nil
$loaded = nil

module OS
  def self.mac? = $machine.start_with?("darwin")
  def self.linux? = !mac?
end

module Hardware
  module CPU
    def self.arm? = $machine.end_with?("arm64")
    def self.intel? = !arm?
    def self.is_64_bit? = true
    def self.arch = arm? ? :arm64 : :x86_64
  end
end

class Version < String
  def major = split(".")[0]
  def minor = split(".")[1]
  def major_minor = split(".")[0, 2].join(".")
  def no_dots = delete(".")
  def dots_to_hyphens = tr(".", "-")
end

module MacOS
  def self.version = :ventura
end

module Language
  module Python
    module Virtualenv; end
  end
end

class CurlDownloadStrategy; end

class Dir
  def self.[](*patterns) = patterns # there are no files here
end

module Kernel
  def require(*) = true
end

# The words of both. A word that is not known here takes anything, and does not run its block.
module Words
  def said = (@said ||= {})
  def url(value, **_options) = said["url"] = value
  def version(value = nil) = value ? said["version"] = Version.new(value) : said["version"]
  def revision(value) = said["revision"] = value.to_s
  def bottle = said["bottle"] = "there"
  def stable = yield
  def on_macos = (yield if OS.mac?)
  def on_linux = (yield if OS.linux?)
  def on_arm = (yield if Hardware::CPU.arm?)
  def on_intel = (yield if Hardware::CPU.intel?)
  def desc(value) = said["desc"] = value
  def homepage(value) = said["homepage"] = value
  def license(*value) = said["license"] = value.inspect
  def arch(arm: nil, intel: nil) = (arm || intel) ? @arch = (Hardware::CPU.arm? ? arm : intel) : @arch
  def os(macos: nil, linux: nil) = (macos || linux) ? @os = (OS.mac? ? macos : linux) : @os

  def sha256(value = nil, arm: nil, intel: nil, x86_64: nil, arm64_linux: nil, x86_64_linux: nil)
    on_linux = (arm64_linux || x86_64_linux) && OS.linux?
    keyed = Hardware::CPU.arm? ? (on_linux ? arm64_linux : arm) : (on_linux ? x86_64_linux : intel || x86_64)
    said["sha256"] = value || keyed
  end

  def test(*) = nil # Kernel has another
  def method_missing(*) = nil
  def respond_to_missing?(*) = true
end

# What a formula's methods do, told as lines: `install` of a new one is run with it.
class Told < BasicObject
  def initialize(text) = @text = text
  def to_s = @text
  def inspect = @text
  def to_str = @text
  def /(other) = ::Told.new("#{@text}/#{other}")
  def install(*what) = $done << "#{@text}.install #{what.map(&:inspect).join(", ")}"
  def install_symlink(*what) = $done << "#{@text}.install_symlink #{what.map(&:to_s).join(", ")}"
end

class Formula
  extend Words

  def self.inherited(type)
    super
    $loaded = type
  end

  def on_macos = (yield if OS.mac?)
  def on_linux = (yield if OS.linux?)
  def system(*words) = $done << words.join(" ")
  def std_npm_args = ["--std-npm-args"]
  def std_cargo_args = ["--std-cargo-args"]
  def libexec = Told.new("libexec")
  def bin = Told.new("bin")
  def buildpath = Told.new("buildpath")
  def std_configure_args = []
  def virtualenv_install_with_resources = nil
end

module Kernel
  def cask(name, &block)
    $loaded = Object.new.extend(Words)
    $loaded.define_singleton_method(:name) { |*| name }
    $loaded.define_singleton_method(:binary) { |*what| $done << "binary #{what.map(&:inspect).join(", ")}" }
    $loaded.instance_eval(&block)
  end
end

def json(value)
  case value
  when Hash then "{" + value.map { |key, item| "#{json(key)}: #{json(item)}" }.join(", ") + "}"
  when Array then "[" + value.map { |item| json(item) }.join(", ") + "]"
  else '"' + value.to_s.gsub(/["\\\x00-\x1f]/) { format("\\u%04x", $&.ord) } + '"'
  end
end

# What the formula in `text` (Base64) says by machine; what `install` does, where it has one; or the error.
def said(text)
  source = text.unpack1("m").force_encoding("UTF-8")
  machines = %w[darwin-arm64 darwin-x64 linux-arm64 linux-x64].to_h do |machine|
    $machine = machine
    $loaded = nil
    $done = []
    Module.new.module_eval(source, "formula.rb")
    $loaded.new.install if $loaded.is_a?(Class) && $loaded.instance_methods(false).include?(:install)
    name = $loaded.is_a?(Class) ? $loaded.name.split("::").last : $loaded.name
    [machine, $loaded.said.merge("name" => name, "install" => $done)]
  end
  json(machines)
rescue Exception => error # rubocop:disable Lint/RescueException
  json("error" => "#{error.class}: #{error.message}")
end
