//! `Device`: where a network runs, as a word.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::lstm::kernel::Processor;
use crate::error::{Error, Result};

/// Where a network runs.
///
/// | word | what | built with feature |
/// | --- | --- | --- |
/// | `cpu` | pure Rust, the default | always |
/// | `libtorch` | LibTorch on the CPU | `tch` |
/// | `libtorch:cuda` | LibTorch on the first NVIDIA GPU | `tch` |
/// | `cuda` | CubeCL on the first NVIDIA GPU | `cuda` |
///
/// # Example
///
/// ```
/// use stockops_core::Device;
///
/// assert_eq!("cpu".parse::<Device>()?, Device::Cpu);
/// assert!("tpu".parse::<Device>().unwrap_err().to_string().starts_with("device `tpu`: not one of cpu"));
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Device {
    /// Pure Rust on the CPU.
    #[default]
    Cpu,
    /// LibTorch on the CPU.
    Libtorch,
    /// LibTorch on a GPU.
    LibtorchCuda,
    /// CubeCL on a GPU.
    Cuda,
}

impl Device {
    /// The devices that this build knows; whether the machine has them shows when they are used.
    pub fn built() -> Vec<Self> {
        let (tch, cuda) = (cfg!(feature = "tch"), cfg!(feature = "cuda"));
        let all = [(Self::Cpu, true), (Self::Libtorch, tch), (Self::LibtorchCuda, tch), (Self::Cuda, cuda)];
        all.into_iter().filter_map(|(device, is_built)| is_built.then_some(device)).collect()
    }

    /// The kernel that runs on this CPU and why, such as `avx512-16x1, the fastest that this machine has`:
    /// its instructions, and rows by panels of sixteen columns of its tiles. `STOCKOPS_KERNEL` names another one; results are the same
    /// for all but `portable`, which rounds once more in each product.
    pub fn cpu_kernel() -> String {
        Processor::detect().story()
    }

    /// The word of the device.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Libtorch => "libtorch",
            Self::LibtorchCuda => "libtorch:cuda",
            Self::Cuda => "cuda",
        }
    }

    /// The device of burn that tensors live on; [`Error::Device`] names the feature that was not built in, or that
    /// there is no such device.
    // burn means to drop LibTorch one day; it is pinned, and this is the CUDA that builds from the registries alone.
    #[cfg_attr(feature = "tch", allow(deprecated))]
    pub fn burn(self) -> Result<burn::tensor::Device> {
        match self {
            Self::Cpu => Ok(burn::tensor::Device::flex()),
            #[cfg(feature = "tch")]
            Self::Libtorch => Ok(burn::tensor::Device::libtorch()),
            #[cfg(feature = "tch")]
            Self::LibtorchCuda if !tch::Cuda::is_available() => {
                let problem = "LibTorch finds no NVIDIA GPU here; use libtorch or cpu".into();
                Err(Error::Device { word: self.as_str().into(), problem })
            }
            #[cfg(feature = "tch")]
            Self::LibtorchCuda => Ok(burn::tensor::Device::libtorch_cuda(0)),
            #[cfg(not(feature = "tch"))]
            Self::Libtorch | Self::LibtorchCuda => Err(self.not_built("tch")),
            #[cfg(feature = "cuda")]
            Self::Cuda => Ok(burn::tensor::Device::cuda(0)),
            #[cfg(not(feature = "cuda"))]
            Self::Cuda => Err(self.not_built("cuda")),
        }
    }

    #[cfg(not(all(feature = "tch", feature = "cuda")))]
    fn not_built(self, feature: &str) -> Error {
        let problem = format!("this build has no feature `{feature}`; build it with that feature, or use cpu");
        Error::Device { word: self.as_str().into(), problem }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Device {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        let all = [Self::Cpu, Self::Libtorch, Self::LibtorchCuda, Self::Cuda];
        all.into_iter().find(|device| device.as_str() == word).ok_or_else(|| Error::Device {
            word: word.chars().take(40).collect(),
            problem: "not one of cpu, libtorch, libtorch:cuda, cuda".into(),
        })
    }
}

impl TryFrom<String> for Device {
    type Error = Error;

    fn try_from(word: String) -> Result<Self> {
        word.parse()
    }
}

impl From<Device> for String {
    fn from(device: Device) -> Self {
        device.as_str().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_is_always_built_in_and_has_a_kernel() {
        assert!(Device::built().contains(&Device::Cpu));
        let kernel = Device::cpu_kernel();
        let word = kernel.split(',').next().unwrap();
        assert!(["avx512-6x4", "avx512-16x1", "avx2-6x1", "portable"].contains(&word), "{kernel}");
    }

    #[test]
    fn a_device_that_was_not_built_in_names_its_feature() {
        #[cfg(not(feature = "cuda"))]
        assert_eq!(
            Device::Cuda.burn().unwrap_err().to_string(),
            "device `cuda`: this build has no feature `cuda`; build it with that feature, or use cpu"
        );
        #[cfg(not(feature = "tch"))]
        assert!(Device::LibtorchCuda.burn().unwrap_err().to_string().contains("no feature `tch`"));
    }
}
